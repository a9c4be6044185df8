package aperture.virtqueue;

/**
 * Offsets and fields inside the three areas of a split queue of {@code n} entries; everything
 * little-endian. Offsets are in bytes, bits are counted from the lowest of a field.
 *
 * <pre>
 *   descriptor, 16 bytes
 *   offset 0                  8         12       14     16
 *          | address (64)     | length  | flags  | next |
 *                               (32)      (16)     (16)
 *   flags  15                         3          2       1      0
 *          | 0                        | INDIRECT | WRITE | NEXT |
 *
 *   available ring, 2-byte aligned            used ring, 4-byte aligned
 *   offset 0     flags: 0 SUPPRESS            offset 0     flags: 0 SUPPRESS
 *          2     index                               2     index
 *          4+2i  head of chain i                     4+8i  element i: | id (32) | length (32) |
 *          4+2n  used_event                          4+8n  avail_event
 * </pre>
 *
 * <p>Indexes run freely modulo 2^16; the slot of an index is its value modulo {@code n}. The event
 * fields have a meaning only with the event index feature.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Split Virtqueues".
 */
final class SplitRingLayout {

  static final int DESCRIPTOR_SIZE = 16;
  static final int DESCRIPTOR_ALIGN = 16;
  static final int ADDRESS = 0;

  /** Length, flags and next index, read as one 64-bit number. */
  static final int LENGTH_FLAGS_NEXT = 8;

  static final int NEXT = 1;
  static final int WRITE = 2;
  static final int INDIRECT = 4;

  static final int AVAILABLE_ALIGN = 2;
  static final int USED_ALIGN = 4;

  /** Flags of either ring. */
  static final int RING_FLAGS = 0;

  /** Index of either ring. */
  static final int RING_INDEX = 2;

  /** Available flags: no interrupt wanted. Used flags: no notification wanted. */
  static final int SUPPRESS = 1;

  private static final int FLAGS_SHIFT = 32;
  private static final int NEXT_SHIFT = 48;
  private static final int USED_LENGTH_SHIFT = 32;
  private static final long LOW_32 = 0xffff_ffffL;
  private static final int LOW_16 = 0xffff;

  private static final int RING_START = 4;
  private static final int AVAILABLE_ENTRY = 2;
  private static final int USED_ENTRY = 8;
  private static final int EVENT_SIZE = 2;

  private SplitRingLayout() {}

  static int tableBytes(int n) {
    return DESCRIPTOR_SIZE * n;
  }

  static int availableBytes(int n, boolean eventIndex) {
    return usedEvent(n) + (eventIndex ? EVENT_SIZE : 0);
  }

  static int usedBytes(int n, boolean eventIndex) {
    return availableEvent(n) + (eventIndex ? EVENT_SIZE : 0);
  }

  /** Offset of the used ring in a queue that is in one piece; the event fields are counted in. */
  static int usedAt(int n, int align) {
    return (tableBytes(n) + availableBytes(n, true) + align - 1) & -align;
  }

  static int descriptor(int index) {
    return DESCRIPTOR_SIZE * index;
  }

  /** The second half of a descriptor. */
  static long rest(int length, int flags, int next) {
    return (length & LOW_32) | (long) flags << FLAGS_SHIFT | (long) next << NEXT_SHIFT;
  }

  static long length(long rest) {
    return rest & LOW_32;
  }

  static int flags(long rest) {
    return (int) (rest >>> FLAGS_SHIFT) & LOW_16;
  }

  static int next(long rest) {
    return (int) (rest >>> NEXT_SHIFT);
  }

  static int availableEntry(int slot) {
    return RING_START + AVAILABLE_ENTRY * slot;
  }

  static int usedEvent(int n) {
    return availableEntry(n);
  }

  /** Offset of a used element. */
  static int usedElement(int slot) {
    return RING_START + USED_ENTRY * slot;
  }

  /** A used element as one 64-bit number. */
  static long usedElement(int head, long length) {
    return head | length << USED_LENGTH_SHIFT;
  }

  /** The id of a used element, as the device wrote it: anything. */
  static int usedId(long element) {
    return (int) element;
  }

  static long usedLength(long element) {
    return element >>> USED_LENGTH_SHIFT;
  }

  static int availableEvent(int n) {
    return usedElement(n);
  }

  /**
   * Whether the other side asked to hear about a step of a free-running index.
   *
   * @param event the index whose chain it wants to hear of
   * @param now index after the step
   * @param before index when this was asked last
   */
  static boolean passed(short event, short now, short before) {
    return ((now - event - 1) & LOW_16) < ((now - before) & LOW_16);
  }
}
