package tern;

import aperture.iommu.Access;

/**
 * The fault registers. The first fault stays until software clears V; later ones set O only.
 *
 * <pre>
 *   FAULT_STATUS                                        FAULT_ADDRESS
 *   63 62 61       40 39    32 31        16 15      0   63            0
 *   |V|O | 0         | reason | 0          | who     |  | IOVA         |
 *                                       W is bit 31
 * </pre>
 */
final class FaultLayout {

  static final long VALID = 1L << 63;
  static final long OVERFLOW = 1L << 62;

  private static final int REASON_SHIFT = 32;
  private static final int REASON_MASK = 0xff;
  private static final long WRITE = 1L << 31;
  private static final int REQUESTER_MASK = 0xffff;

  private FaultLayout() {}

  static long status(int requesterId, Access access, int reason) {
    return VALID
        | (long) (reason & REASON_MASK) << REASON_SHIFT
        | (access == Access.WRITE ? WRITE : 0)
        | requesterId & REQUESTER_MASK;
  }

  static int reason(long status) {
    return (int) (status >>> REASON_SHIFT) & REASON_MASK;
  }

  static int requesterId(long status) {
    return (int) status & REQUESTER_MASK;
  }

  static Access access(long status) {
    return (status & WRITE) != 0 ? Access.WRITE : Access.READ;
  }
}
