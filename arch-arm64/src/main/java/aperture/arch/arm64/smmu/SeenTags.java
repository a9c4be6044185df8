package aperture.arch.arm64.smmu;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;

/**
 * What translations the walks may have handed out, as far as a command can name them in a way that
 * a domain tag cannot: all of a virtual machine, an address of any address space, an address
 * without its tag byte.
 *
 * <p>A walk notes such a thing before it reads what a command could be about, so a command that
 * comes after a change of tables finds it here or the walk finds the change. Only ever grows, until
 * {@link #forget}; a set that is full stands for everything. Any thread.
 */
final class SeenTags {

  private static final int SLOTS = 1024;
  private static final int PROBE = 16;
  private static final int MIX = 0x9e37_79b1;
  private static final int MIX_SHIFT = 22;

  /** Tags plus 1, so that 0 is an empty slot. */
  private final AtomicIntegerArray tags = new AtomicIntegerArray(SLOTS);

  private volatile boolean full;
  private volatile boolean globals;
  private volatile boolean topByteIgnored;

  /** An address space of stage 1, where VMIDs or a hypervisor make more than ASIDs of it. */
  void note(int tag) {
    int kept = tag + 1;
    if (kept == 0) {
      full = true;
      return;
    }
    int slot = tag * MIX >>> MIX_SHIFT;
    for (int i = 0; i < PROBE; i++) {
      int at = slot + i & SLOTS - 1;
      int there = tags.get(at);
      if (there == 0 && !tags.compareAndSet(at, 0, kept)) {
        there = tags.get(at);
      }
      if (there == kept || there == 0) {
        return;
      }
    }
    full = true;
  }

  /** A leaf that every address space shares. Known only when it was read: read it again then. */
  void noteGlobal() {
    if (!globals) {
      globals = true;
    }
  }

  /** A context that does not look at the highest byte of addresses. */
  void noteTopByteIgnored() {
    if (!topByteIgnored) {
      topByteIgnored = true;
    }
  }

  boolean globals() {
    return globals;
  }

  boolean topByteIgnored() {
    return topByteIgnored;
  }

  /**
   * Names every tag that lies between two, both inclusive.
   *
   * @return false when there may be more than are named
   */
  boolean forEach(int first, int last, IntConsumer action) {
    for (int slot = 0; slot < SLOTS; slot++) {
      int kept = tags.get(slot);
      int tag = kept - 1;
      if (kept != 0
          && Integer.compareUnsigned(tag, first) >= 0
          && Integer.compareUnsigned(tag, last) <= 0) {
        action.accept(tag);
      }
    }
    return !full;
  }

  /** Before everything is invalidated: walks under way will find that, and walk again. */
  void forget() {
    for (int slot = 0; slot < SLOTS; slot++) {
      tags.set(slot, 0);
    }
    full = false;
    globals = false;
    topByteIgnored = false;
  }
}
