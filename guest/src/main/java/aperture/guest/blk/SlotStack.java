package aperture.guest.blk;

/** Slot numbers, last in first out; its capacity is the number of slots. Not thread-safe. */
final class SlotStack {

  private final int[] slots;
  private int size;

  SlotStack(int capacity) {
    slots = new int[capacity];
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  void push(int slot) {
    slots[size++] = slot;
  }

  int pop() {
    return slots[--size];
  }

  int get(int at) {
    return slots[at];
  }

  /** Removes one, its place taken by the last. */
  void remove(int at) {
    slots[at] = slots[--size];
  }
}
