package aperture.arch.ppc.tce;

import aperture.iommu.IommuState;

/** The calls of a guest that concern its DMA windows: to the hypervisor, and to the firmware. */
final class PlatformHypercalls {

  private final TceHypercalls tables;
  private final RtasCalls firmware;

  PlatformHypercalls(IommuState state, WindowTable windows, DdwRules rules) {
    this.tables = new TceHypercalls(windows, state.memory(), state.invalidator());
    this.firmware = new RtasCalls(state, rules);
  }

  TceHypercalls tables() {
    return tables;
  }

  RtasCalls firmware() {
    return firmware;
  }

  /**
   * Does what a guest's call instruction asks.
   *
   * @param registers r3 to r7; results replace r3 and, for a read, r4
   */
  void call(long[] registers) {
    if (registers[HypercallLayout.R3] == HypercallLayout.H_RTAS) {
      registers[HypercallLayout.R3] = firmware.call(registers[HypercallLayout.R4]);
    } else {
      tables.call(registers);
    }
  }
}
