package aperture.vhostuser.internal.inflight;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.MappedPiece;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.wire.InflightArea;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The region of all queues of a device, one part after the other.
 *
 * <p>Threading: control thread; the parts are their workers'.
 */
public final class InflightRegion implements AutoCloseable {

  private static final int LOW_16 = 0xffff;

  private final MappedPiece region;
  private final int queues;
  private final int entries;

  private InflightRegion(MappedPiece region, int queues, int entries) {
    this.region = region;
    this.queues = queues;
    this.entries = entries;
  }

  /** Bytes for so many queues of so many entries. */
  public static long bytes(int queues, int entries) {
    return queues * SplitInflightLayout.bytes(entries);
  }

  /** Makes the file of a fresh region, for the front end to keep. */
  public static Fd create(int queues, int entries) throws IOException {
    return MemoryFile.createFixed("aperture-inflight", bytes(queues, entries));
  }

  /**
   * Maps what the front end kept.
   *
   * @param fd taken in any case
   * @throws IOException when the numbers do not fit each other or the file
   */
  public static InflightRegion map(InflightArea area, Fd fd) throws IOException {
    long needed = bytes(area.queues(), area.queueSize());
    boolean holds = area.queues() > 0 && area.queueSize() > 0 && area.mapSize() >= needed;
    String what =
        "in-flight region of %d bytes at %d for %d queues of %d entries"
            .formatted(area.mapSize(), area.mapOffset(), area.queues(), area.queueSize());
    return new InflightRegion(
        MappedPiece.of(what, fd, area.mapOffset(), holds ? needed : 0),
        area.queues(),
        area.queueSize());
  }

  /**
   * The part of a queue.
   *
   * @param size entries of the queue, at most those of the region
   * @throws IOException when the region has no part for it, or one that was written by other rules
   */
  public InflightQueue queue(int index, int size) throws IOException {
    if (index >= queues || size > entries) {
      throw new IOException(
          "queue %d of %d entries: the in-flight region is for %d queues of %d"
              .formatted(index, size, queues, entries));
    }
    long bytes = SplitInflightLayout.bytes(entries);
    MemorySegment part = region.segment().asSlice(index * bytes, bytes);
    check(index, part);
    return new InflightQueue(part, entries);
  }

  /** Taken over by other rules than it was written by, requests would be lost without a word. */
  private void check(int index, MemorySegment part) throws IOException {
    int version =
        (short) SplitInflightLayout.U16.get(part, SplitInflightLayout.VERSION_AT) & LOW_16;
    int written =
        (short) SplitInflightLayout.U16.get(part, SplitInflightLayout.ENTRIES_AT) & LOW_16;
    if (version != 0 && (version != SplitInflightLayout.VERSION || written != entries)) {
      throw new IOException(
          "queue %d: in-flight record of version %d for %d entries, not of version %d for %d"
              .formatted(index, version, written, SplitInflightLayout.VERSION, entries));
    }
  }

  @Override
  public void close() {
    region.close();
  }
}
