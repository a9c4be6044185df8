package aperture.arch.x86.amdvi;

/**
 * The device table base register.
 *
 * <pre>
 *   63 .. 52 | 51 ......... 12 | 11 .. 9  | 8 ................. 0
 *   reserved |      base       | reserved | size in 4 KiB pages - 1
 * </pre>
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 3.4.1, Device Table Base Address Register.
 */
final class DeviceTableLayout {

  static final int PAGE_SIZE = 4096;

  private static final long ADDRESS = (1L << 52) - PAGE_SIZE;
  private static final long SIZE = 0x1ff;

  static final long WRITABLE = ADDRESS | SIZE;

  /** The largest table: an entry for each of 65,536 requesters. */
  static final long MAX_BYTES = (SIZE + 1) * PAGE_SIZE;

  private DeviceTableLayout() {}

  static long register(long base, long bytes) {
    return base | bytes / PAGE_SIZE - 1;
  }

  static long base(long register) {
    return register & ADDRESS;
  }

  static long bytes(long register) {
    return ((register & SIZE) + 1) * PAGE_SIZE;
  }
}
