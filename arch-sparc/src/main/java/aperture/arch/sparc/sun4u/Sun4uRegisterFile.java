package aperture.arch.sparc.sun4u;

import aperture.iommu.Registers;

/**
 * What a processor's stores to the bridge do, by offset.
 *
 * <pre>
 *   0x030           UE AFSR        error bits: written as 1 they are cleared
 *   0x200           control        ENAB, TSB size and index; the error clears when written as 0
 *   0x208           TSB base       physical address, a multiple of 8 KiB
 *   0x210           flush          drops the page of the address written
 *   0x218           context flush  drops a context's pages (Schizo)
 *   0xa580 + 8 i    IOTLB tag i    in diagnostic mode; 0 in all 16 drops everything
 *   0xa600 + 8 i    IOTLB data i   in diagnostic mode
 * </pre>
 *
 * <p>Moving or resizing the TSB flushes nothing by itself; software does that.
 *
 * <p>Sources: Linux 6.1, arch/sparc/kernel/psycho_common.c, pci_sabre.c, pci_schizo.c and iommu.c,
 * iommu_flushall.
 */
final class Sun4uRegisterFile {

  static final int UE_AFSR = 0x30;
  static final int CONTROL = 0x200;
  static final int TSB_BASE = 0x208;
  static final int FLUSH = 0x210;
  static final int CONTEXT_FLUSH = 0x218;
  static final int TAG = 0xa580;
  static final int DATA = 0xa600;

  private static final int STRIDE = 8;
  private static final int NONE = -1;
  private static final long NARROW = 0xffff_ffffL;

  private final Registers registers;
  private final FlushRegister flush;

  Sun4uRegisterFile(Registers registers, FlushRegister flush) {
    this.registers = registers;
    this.flush = flush;
  }

  long read(int offset) {
    int tag = entry(offset, TAG);
    int data = entry(offset, DATA);
    if (tag != NONE || data != NONE) {
      return !diagnostic()
          ? 0
          : registers.get(tag != NONE ? RegisterName.tag(tag) : RegisterName.data(data));
    }
    return switch (offset) {
      case UE_AFSR -> registers.get(RegisterName.UE_AFSR);
      case CONTROL -> registers.get(RegisterName.CONTROL);
      case TSB_BASE -> registers.get(RegisterName.TSB_BASE);
      default -> 0;
    };
  }

  void write(int offset, long value) {
    switch (offset) {
      case UE_AFSR ->
          registers.set(RegisterName.UE_AFSR, registers.get(RegisterName.UE_AFSR) & ~value);
      case CONTROL -> registers.set(RegisterName.CONTROL, value);
      case TSB_BASE -> registers.set(RegisterName.TSB_BASE, value & -TteLayout.PAGE_SIZE);
      case FLUSH -> flush.flush(value & NARROW & -TteLayout.PAGE_SIZE, TteLayout.PAGE_SIZE);
      case CONTEXT_FLUSH -> flush.flushAll();
      default -> writeDiagnostic(offset, value);
    }
  }

  /** Zeroes in all tags: what software writes when it wants nothing cached. */
  void clearTags() {
    for (int entry = 0; entry < RegisterName.IOTLB_ENTRIES; entry++) {
      write(TAG + entry * STRIDE, 0);
    }
  }

  private void writeDiagnostic(int offset, long value) {
    int tag = entry(offset, TAG);
    int data = entry(offset, DATA);
    if (!diagnostic()) {
      return;
    }
    if (data != NONE) {
      registers.set(RegisterName.data(data), value);
    } else if (tag != NONE) {
      registers.set(RegisterName.tag(tag), value);
      // Which translations this entry held is not known: with the last one all are gone.
      if (value == 0 && tag == RegisterName.IOTLB_ENTRIES - 1) {
        flush.flushAll();
      }
    }
  }

  private boolean diagnostic() {
    return (registers.get(RegisterName.CONTROL) & ControlLayout.DIAGNOSTIC) != 0;
  }

  private static int entry(int offset, int first) {
    int entry = (offset - first) / STRIDE;
    return offset >= first && (offset - first) % STRIDE == 0 && entry < RegisterName.IOTLB_ENTRIES
        ? entry
        : NONE;
  }
}
