package aperture.devices.blk;

import java.util.concurrent.atomic.AtomicLongArray;

/** What one queue did. Written by its worker alone, read by anybody. */
@SuppressWarnings("EnumOrdinal") // an index into an array that never leaves the object
final class BlkCounters {

  /** What is counted, and how people call it. */
  enum Count {
    READS("reads"),
    WRITES("writes"),
    FLUSHES("flushes"),
    DISCARDS("discards"),
    WRITE_ZEROES("write-zeroes"),
    IDENTIFICATIONS("get-id"),
    BYTES_READ("bytes-read"),
    BYTES_WRITTEN("bytes-written"),
    BYTES_ZEROED("bytes-zeroed"),
    HOST_FLUSHES("host-flushes"),
    IO_ERRORS("io-errors"),
    UNSUPPORTED("unsupported"),
    MALFORMED("malformed");

    private final String text;

    Count(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  private final AtomicLongArray values = new AtomicLongArray(Count.values().length);

  void add(Count count, long amount) {
    int at = count.ordinal();
    // A single writer needs no read-modify-write; opaque keeps the reader's view untorn.
    values.setOpaque(at, values.getPlain(at) + amount);
  }

  void increment(Count count) {
    add(count, 1);
  }

  long get(Count count) {
    return values.getOpaque(count.ordinal());
  }
}
