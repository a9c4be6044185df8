package aperture.arch.ppc.phb;

import aperture.memory.GuestMemory;

/**
 * The requester translation table in memory: a PE number for each of 65,536 requester ids.
 *
 * <pre>
 *   entry at 2 * requester id, big-endian
 *   15                                0
 *   +----------------------------------+
 *   |            PE number             |
 *   +----------------------------------+
 * </pre>
 *
 * <p>Sources: skiboot, hw/phb4.c, phb4_set_pe; QEMU 7.2, hw/pci-host/pnv_phb4.c,
 * pnv_phb4_resolve_pe.
 */
final class RttLayout {

  static final int ENTRIES = 1 << 16;
  static final int BYTES_SHIFT = 1;
  static final int BYTES = 1 << BYTES_SHIFT;
  static final long TABLE_BYTES = (long) ENTRIES << BYTES_SHIFT;

  private RttLayout() {}

  static long address(long base, int requesterId) {
    return base + ((long) (requesterId & ENTRIES - 1) << BYTES_SHIFT);
  }

  static int get(GuestMemory memory, long offset) {
    return Short.reverseBytes(memory.getLe16(offset)) & 0xffff;
  }

  static void put(GuestMemory memory, long offset, int pe) {
    memory.putLe16(offset, Short.reverseBytes((short) pe));
  }
}
