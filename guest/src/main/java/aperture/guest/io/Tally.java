package aperture.guest.io;

import java.util.concurrent.atomic.AtomicLongArray;

/** What one pump did. Written by the pump alone, read by anybody. */
@SuppressWarnings("EnumOrdinal") // an index into an array that never leaves the object
public final class Tally {

  /** What is counted. */
  public enum Count {
    SUBMITTED,
    COMPLETED,
    FAILED,
    LOST,
    CANCELLED,
    REPEATED,
    MISMATCHES,
    BYTES_READ,
    BYTES_WRITTEN,
    /** Nanoseconds, not a sum. */
    LONGEST_STALL
  }

  private final AtomicLongArray values = new AtomicLongArray(Count.values().length);

  public void add(Count count, long amount) {
    int at = count.ordinal();
    // A single writer needs no read-modify-write; opaque keeps the reader's view untorn.
    values.setOpaque(at, values.getPlain(at) + amount);
  }

  public void increment(Count count) {
    add(count, 1);
  }

  void raise(Count count, long value) {
    if (value > values.getPlain(count.ordinal())) {
      values.setOpaque(count.ordinal(), value);
    }
  }

  public long get(Count count) {
    return values.getOpaque(count.ordinal());
  }
}
