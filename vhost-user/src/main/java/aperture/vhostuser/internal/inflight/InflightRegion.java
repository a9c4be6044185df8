package aperture.vhostuser.internal.inflight;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.Mapping;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.wire.InflightArea;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The region of all queues of a device, one part after the other.
 *
 * <p>Threading: control thread; the parts are their workers'.
 */
public final class InflightRegion implements AutoCloseable {

  private static final int LOW_16 = 0xffff;

  private final Arena arena;
  private final MemorySegment region;
  private final int queues;
  private final int entries;

  private InflightRegion(Arena arena, MemorySegment region, int queues, int entries) {
    this.arena = arena;
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
    try (fd) {
      long needed = bytes(area.queues(), area.queueSize());
      boolean fits =
          area.queues() > 0
              && area.queueSize() > 0
              && area.mapSize() >= needed
              && area.mapOffset() >= 0
              && area.mapOffset() % Mapping.pageSize() == 0
              && area.mapOffset() <= fd.size() - needed;
      if (!fits) {
        throw new IOException(
            "in-flight region of %d bytes at %d for %d queues of %d entries, in a file of %d bytes"
                .formatted(
                    area.mapSize(), area.mapOffset(), area.queues(), area.queueSize(), fd.size()));
      }
      Arena arena = Arena.ofShared();
      try {
        MemorySegment region = Mapping.of(fd, area.mapOffset(), needed, arena);
        return new InflightRegion(arena, region, area.queues(), area.queueSize());
      } catch (IOException | RuntimeException e) {
        arena.close();
        throw e;
      }
    }
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
    MemorySegment part = region.asSlice(index * bytes, bytes);
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
    arena.close();
  }
}
