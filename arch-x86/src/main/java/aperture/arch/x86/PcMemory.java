package aperture.arch.x86;

import aperture.machine.RamSlot;
import aperture.machine.ReservedRange;
import aperture.memory.MemoryRange;
import java.util.List;

/**
 * Where a PC's memory lies: low memory up to the PCI hole, the rest from 4 GiB up.
 *
 * <p>Source: QEMU 7.2, hw/i386/pc_piix.c, pc_q35.c and microvm.c, memory set-up; Intel 64 and IA-32
 * Architectures Software Developer's Manual, volume 3, section 11.11, Message Signalled Interrupts.
 */
final class PcMemory {

  /** Bytes of an I/O page. */
  static final int PAGE_SIZE = 4096;

  static final List<ReservedRange> RESERVED =
      List.of(new ReservedRange(new MemoryRange(0xfee0_0000L, 0x10_0000), "message interrupts"));

  private static final long GIB = 1L << 30;
  private static final long HIGH_BASE = 4 * GIB;
  private static final long HIGH_END = 1024 * GIB;

  private PcMemory() {}

  /** Slots of a machine with some GiB of low memory; the high slot ends at 1 TiB. */
  static List<RamSlot> slots(int lowGib) {
    return List.of(new RamSlot(0, lowGib * GIB), new RamSlot(HIGH_BASE, HIGH_END - HIGH_BASE));
  }
}
