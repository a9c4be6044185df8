package aperture.guest.blk;

import aperture.virtio.DriverException;

/**
 * How the data of one slot lies in its buffer: several segments, as a kernel's pages would. Slots
 * differ, so that a device meets all of these:
 *
 * <pre>
 *   even slots   whole pages apart: segments start on pages
 *   odd slots    segments start shortly before the end of a page, and cross it
 * </pre>
 */
final class SegmentPlan {

  private static final int PAGE = 4096;

  /** Segments wanted; a device may allow fewer. */
  private static final int SEGMENTS = 4;

  /** Segments are not made smaller than this without need. */
  private static final int SMALLEST = 256;

  /** How far before the end of a page the odd slots' segments start. */
  private static final int BEFORE_PAGE_END = 192;

  private final long[] offsets;
  private final int[] lengths;
  private final long bufferBytes;

  private SegmentPlan(long[] offsets, int[] lengths, long bufferBytes) {
    this.offsets = offsets;
    this.lengths = lengths;
    this.bufferBytes = bufferBytes;
  }

  /**
   * Lays a slot out.
   *
   * @throws DriverException when the device allows too few or too short segments
   */
  static SegmentPlan of(int slot, int bytes, BlockGeometry geometry) throws DriverException {
    int wanted = Math.clamp(bytes / SMALLEST, 1, SEGMENTS);
    int needed = (bytes + geometry.longestSegment() - 1) / geometry.longestSegment();
    int count = Math.max(needed, Math.min(wanted, geometry.mostSegments()));
    if (count > geometry.mostSegments()) {
      throw new DriverException(
          "block size %d does not fit: %d segments of %d bytes are all the device takes"
              .formatted(bytes, geometry.mostSegments(), geometry.longestSegment()));
    }
    long[] offsets = new long[count];
    int[] lengths = new int[count];
    long at = 0;
    int left = bytes;
    for (int i = 0; i < count; i++) {
      lengths[i] = left / (count - i);
      left -= lengths[i];
      offsets[i] = slot % 2 == 0 ? at : at + PAGE - BEFORE_PAGE_END;
      long end = offsets[i] + lengths[i];
      // A page is left out between segments: what does not touch cannot be taken for one piece.
      at = (end + PAGE - 1) / PAGE * PAGE + PAGE;
    }
    return new SegmentPlan(offsets, lengths, at);
  }

  /** Number of segments. */
  int count() {
    return lengths.length;
  }

  /** Where a segment starts in the buffer. */
  long offset(int segment) {
    return offsets[segment];
  }

  /** Bytes of a segment. */
  int length(int segment) {
    return lengths[segment];
  }

  /** What the buffer must hold. */
  long bufferBytes() {
    return bufferBytes;
  }
}
