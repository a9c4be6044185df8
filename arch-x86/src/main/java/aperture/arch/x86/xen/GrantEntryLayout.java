package aperture.arch.x86.xen;

import aperture.iommu.Permission;

/**
 * An entry of the grant table, version 1: 8 bytes, 512 in a frame.
 *
 * <pre>
 *   63 .. 32 | 31 .. 16 | 15 .. 9 | 8        | 7 .. 5 | 4       | 3       | 2        | 1 0
 *   frame    | domain   |    0    | sub-page | cache  | writing | reading | readonly | type
 * </pre>
 *
 * <p>Type 0 is a free entry, 1 lets the domain use the frame, 2 lets it hand a frame over, 3 passes
 * another grant on. Sub-page and type 3 are of version 2 only. Reading and writing are set by the
 * hypervisor while somebody has the frame mapped.
 *
 * <p>Source: xen/include/public/grant_table.h, struct grant_entry_v1.
 */
final class GrantEntryLayout {

  static final int SIZE = 8;
  static final int PER_FRAME = BusAddressLayout.PAGE_SIZE / SIZE;

  /** References that the toolstack uses: console, store. */
  static final int RESERVED_ENTRIES = 8;

  static final int FREE = 0;
  static final int ACCESS = 1;

  static final long READ_ONLY = 1 << 2;
  static final long SUB_PAGE = 1 << 8;

  /** Largest frame number that an entry can hold. */
  static final long MAX_FRAME = 0xffff_ffffL;

  private static final int TYPE_MASK = 3;
  private static final int DOMAIN_SHIFT = 16;
  private static final int DOMAIN_MASK = 0xffff;
  private static final int FRAME_SHIFT = 32;

  /** All that says what an entry grants, beside the frame. */
  private static final long TERMS =
      TYPE_MASK | READ_ONLY | SUB_PAGE | (long) DOMAIN_MASK << DOMAIN_SHIFT;

  private GrantEntryLayout() {}

  static long access(long frame, int domain, boolean readOnly) {
    return frame << FRAME_SHIFT
        | (long) domain << DOMAIN_SHIFT
        | (readOnly ? READ_ONLY : 0)
        | ACCESS;
  }

  /** Whether an entry grants a domain a whole frame, to read and to write. */
  static boolean grantsAll(long entry, int domain) {
    return (entry & TERMS) == access(0, domain, false);
  }

  /** What an entry that grants access allows. */
  static Permission permission(long entry) {
    return (entry & READ_ONLY) == 0 ? Permission.READ_WRITE : Permission.READ;
  }

  static int type(long entry) {
    return (int) entry & TYPE_MASK;
  }

  static int domain(long entry) {
    return (int) (entry >>> DOMAIN_SHIFT) & DOMAIN_MASK;
  }

  static long frame(long entry) {
    return entry >>> FRAME_SHIFT;
  }
}
