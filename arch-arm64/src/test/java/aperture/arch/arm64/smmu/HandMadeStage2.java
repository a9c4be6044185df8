package aperture.arch.arm64.smmu;

import aperture.iommu.Endpoint;

/**
 * Stage 2 under the tables of {@link HandMadeTables}, for VMID 7: 40 bits of intermediate address,
 * pages of 4 KiB, two tables of level 1 side by side.
 *
 * <pre>
 *   0x40_0000_0000 is not mapped; from 0x80_0000_0000 on, 1 GiB -&gt; 0x5_4000_0000
 *   0x4000_0000 block of 2 MiB  -&gt; 0x4000_0000: the structures of stage 1
 *   0x4020_0000 page            -&gt; 0x4300_0000
 *   0x4020_1000 page, read only -&gt; 0x4300_5000
 *   0x4040_0000 block of 2 MiB  -&gt; 0x4380_0000, write only
 * </pre>
 */
final class HandMadeStage2 {

  static final long TOP = 0x4060_0000L;
  static final long LEVEL_2 = 0x4060_2000L;
  static final long LEVEL_3 = 0x4060_3000L;

  /** The entry for the structures of stage 1. */
  static final long STRUCTURES_ENTRY = LEVEL_2;

  static final long PAGE_ENTRY = LEVEL_3;
  static final long HIGH_ENTRY = TOP + 512 * 8;

  /** VMID 7, T0SZ 24, SL0 1, PS 44 bits, AA64, R. */
  static final long CONTROL = 0x0408_0000_0000_0007L | 24L << 32 | 1L << 38 | 4L << 48;

  private HandMadeStage2() {}

  /**
   * @param config 6 for stage 2 alone, 7 for nested
   */
  static Endpoint build(SmmuFixture state, int config) {
    Endpoint endpoint = HandMadeTables.build(state);
    state.set("IDR0", 0x0d40_101bL);
    state.put(HandMadeTables.ENTRY, HandMadeTables.CONTEXT | (long) config << 1 | 1);
    state.put(HandMadeTables.ENTRY + 16, CONTROL);
    state.put(HandMadeTables.ENTRY + 24, TOP);
    state.put(TOP + 8, LEVEL_2 | 3);
    state.put(HIGH_ENTRY, 0x5_4000_07fdL);
    state.put(STRUCTURES_ENTRY, 0x4000_07fdL);
    state.put(LEVEL_2 + 8, LEVEL_3 | 3);
    state.put(LEVEL_2 + 16, 0x4380_07bdL);
    state.put(PAGE_ENTRY, 0x4300_07ffL);
    state.put(PAGE_ENTRY + 8, 0x4300_577fL);
    return endpoint;
  }
}
