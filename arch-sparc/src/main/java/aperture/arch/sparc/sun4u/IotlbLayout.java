package aperture.arch.sparc.sun4u;

import aperture.iommu.Permission;

/**
 * The diagnostic registers of the hardware's IOTLB: a tag and a data register for each entry. An
 * entry whose translation failed keeps the page and the reason.
 *
 * <pre>
 *   tag   63     25 24   23  22   21     20     19  18            0
 *         +--------+-------+-----+------+------+----+--------------+
 *         |   -    |status | ERR | WRIT |STREAM|64K | virtual page |
 *         +--------+-------+-----+------+------+----+--------------+
 *   data  63     31  30    29    28    27   21 20                 0
 *         +--------+-----+------+-----+-------+--------------------+
 *         |   -    |VALID| USED |CACHE|   -   |   physical page    |
 *         +--------+-----+------+-----+-------+--------------------+
 * </pre>
 *
 * <p>Pages are numbered in units of 8 KiB; a virtual page has the address bits 31:13.
 *
 * <p>Source: Linux 6.1, arch/sparc/kernel/pci_sabre.c (SABRE_IOMMUTAG_*, SABRE_IOMMUDATA_*) and
 * psycho_common.c, psycho_dump_iommu_tags_and_data.
 */
final class IotlbLayout {

  private static final long ERROR = 1L << 22;
  private static final long WRITABLE = 1L << 21;
  private static final long STREAM = 1L << 20;
  private static final long LARGE = 1L << 19;
  private static final int STATUS_SHIFT = 23;
  private static final long STATUS_MASK = 3;
  private static final long VIRTUAL_PAGE = 0x7ffff;
  private static final long VALID = 1L << 30;
  private static final long USED = 1L << 29;
  private static final long CACHEABLE = 1L << 28;
  private static final long PHYSICAL_PAGE = 0x1fffff;

  private IotlbLayout() {}

  /** The tag of a failed translation. */
  static long failed(long address, int status, long tte) {
    return (status & STATUS_MASK) << STATUS_SHIFT
        | ERROR
        | (TteLayout.permission(tte) == Permission.READ_WRITE ? WRITABLE : 0)
        | (TteLayout.isStreaming(tte) ? STREAM : 0)
        | (TteLayout.isLarge(tte) ? LARGE : 0)
        | address >>> TteLayout.PAGE_SHIFT & VIRTUAL_PAGE;
  }

  /** The data that goes with a tag. */
  static long data(long tte) {
    return (TteLayout.isValid(tte) ? VALID : 0)
        | (TteLayout.isCacheable(tte) ? CACHEABLE : 0)
        | TteLayout.page(tte) >>> TteLayout.PAGE_SHIFT & PHYSICAL_PAGE;
  }

  static boolean isError(long tag) {
    return (tag & ERROR) != 0;
  }

  static int status(long tag) {
    return (int) (tag >>> STATUS_SHIFT & STATUS_MASK);
  }

  /** First address of the page that failed. */
  static long address(long tag) {
    return (tag & VIRTUAL_PAGE) << TteLayout.PAGE_SHIFT;
  }

  static String decodeTag(long tag) {
    return "page 0x%x of %d KiB%s%s%s"
        .formatted(
            address(tag),
            (tag & LARGE) != 0 ? TteLayout.LARGE_SIZE >>> 10 : TteLayout.PAGE_SIZE >>> 10,
            (tag & WRITABLE) != 0 ? ", writable" : "",
            (tag & STREAM) != 0 ? ", streaming" : "",
            isError(tag) ? ", " + Sun4uFaults.describe(status(tag)) : "");
  }

  static String decodeData(long data) {
    return "%s, page 0x%x%s%s"
        .formatted(
            (data & VALID) != 0 ? "valid" : "invalid",
            (data & PHYSICAL_PAGE) << TteLayout.PAGE_SHIFT,
            (data & USED) != 0 ? ", used" : "",
            (data & CACHEABLE) != 0 ? ", cacheable" : "");
  }
}
