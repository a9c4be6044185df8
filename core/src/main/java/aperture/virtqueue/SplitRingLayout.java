package aperture.virtqueue;

/**
 * Offsets inside the three areas of a split queue of {@code n} entries; everything little-endian.
 *
 * <pre>
 *   descriptor (16 bytes)             available ring             used ring
 *   0        8      12      14        0      flags               0      flags
 *   | address | length | flags | next |      2      index               2      index
 *                                     4+2i   ring[i]             4+8i   id (4), length (4)
 *   flags: NEXT 1, WRITE 2, INDIRECT 4       4+2n   used_event          4+8n   avail_event
 * </pre>
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Split Virtqueues".
 */
final class SplitRingLayout {

  static final int DESCRIPTOR_SIZE = 16;
  static final int DESCRIPTOR_ALIGN = 16;
  static final int ADDRESS = 0;
  static final int LENGTH = 8;
  static final int FLAGS_AND_NEXT = 12;
  static final int FLAGS = 12;
  static final int NEXT_INDEX = 14;

  static final int NEXT = 1;
  static final int WRITE = 2;
  static final int INDIRECT = 4;

  static final int AVAILABLE_ALIGN = 2;
  static final int USED_ALIGN = 4;

  /** Flags of either ring; index of either ring. */
  static final int RING_FLAGS = 0;

  static final int RING_INDEX = 2;

  /** Available flags: no interrupt wanted. Used flags: no notification wanted. */
  static final int SUPPRESS = 1;

  private static final int RING_START = 4;
  private static final int AVAILABLE_ENTRY = 2;
  private static final int USED_ENTRY = 8;
  private static final int USED_LENGTH = 4;
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

  static int descriptor(int index) {
    return DESCRIPTOR_SIZE * index;
  }

  static int availableEntry(int slot) {
    return RING_START + AVAILABLE_ENTRY * slot;
  }

  static int usedEvent(int n) {
    return availableEntry(n);
  }

  static int usedId(int slot) {
    return RING_START + USED_ENTRY * slot;
  }

  static int usedLength(int slot) {
    return usedId(slot) + USED_LENGTH;
  }

  static int availableEvent(int n) {
    return usedId(n);
  }

  /**
   * Whether the other side asked to hear about a step of a free-running index.
   *
   * @param event the index after which it wants to hear
   * @param now index after the step
   * @param before index when this was asked last
   */
  static boolean passed(short event, short now, short before) {
    return ((now - event - 1) & 0xffff) < ((now - before) & 0xffff);
  }
}
