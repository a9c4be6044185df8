package aperture.guest.dma;

/**
 * A bus address by which a Xen guest names memory that it granted; a back end maps the grant to
 * reach it.
 *
 * <pre>
 *   63 62                          12 11          0
 *   |1| first grant, then the next   | offset      |
 * </pre>
 *
 * <p>Linux 6.1, drivers/xen/grant-dma-ops.c.
 */
final class GrantAddressLayout {

  static final int PAGE = 4096;

  private static final int SHIFT = 12;
  private static final long GRANTED = 1L << 63;
  private static final long OFFSET = PAGE - 1;

  private GrantAddressLayout() {}

  static long address(int grant, long gpa) {
    return GRANTED | (long) grant << SHIFT | gpa & OFFSET;
  }

  /** Whether it names granted memory at all. */
  static boolean isGranted(long address) {
    return (address & GRANTED) != 0;
  }

  static long grant(long address) {
    return (address & ~GRANTED) >>> SHIFT;
  }

  static long offset(long address) {
    return address & OFFSET;
  }

  /** Pages that a range touches: one grant each. */
  static int pages(long address, long length) {
    return (int) ((offset(address) + length + OFFSET) >>> SHIFT);
  }
}
