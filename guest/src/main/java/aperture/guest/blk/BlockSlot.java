package aperture.guest.blk;

import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;
import aperture.virtio.DriverException;
import aperture.virtqueue.ChainElements;

/**
 * A place for one request: its data buffer, its frame, and what is asked. Reused; belongs to one
 * pump, except that a scan's digest reads the data.
 */
final class BlockSlot {

  final int index;
  private final DriverDma dma;
  private final SegmentPlan segments;
  private final GuestBuffer buffer;
  private final ScatterList list;
  private final CoherentBuffer frames;
  private final long frame;
  private final int longestSegment;
  private boolean mapped;

  /** One of the types in {@link BlkRequestLayout}. */
  int type;

  /** Number of the block in units of the plan. */
  long block;

  /** First byte on the device. */
  long position;

  /** Bytes of data. */
  int length;

  /** For a pattern: which block of its own this is. */
  int own;

  /** For a pattern: which content was written. */
  long version;

  private BlockSlot(
      int index,
      DriverDma dma,
      SegmentPlan segments,
      GuestBuffer buffer,
      CoherentBuffer frames,
      int longestSegment) {
    this.index = index;
    this.dma = dma;
    this.segments = segments;
    this.buffer = buffer;
    this.list = new ScatterList(segments.count());
    this.frames = frames;
    this.frame = (long) index * BlkRequestLayout.FRAME_BYTES;
    this.longestSegment = longestSegment;
  }

  static BlockSlot allocate(
      int index, int bytes, BlockGeometry geometry, DriverDma dma, CoherentBuffer frames)
      throws DriverException, DmaException {
    SegmentPlan segments = SegmentPlan.of(index, bytes, geometry);
    GuestBuffer buffer = dma.allocate(segments.bufferBytes());
    return new BlockSlot(index, dma, segments, buffer, frames, geometry.longestSegment());
  }

  /** Most elements of its requests. */
  int mostElements() {
    // Pieces that merge may have to be cut again where they exceed the longest segment.
    return BlkRequestLayout.FRAME_ELEMENTS + 2 * segments.count();
  }

  /** Maps the data and lists the elements of the request. */
  void map(ChainElements elements) throws DmaException {
    frames.memory().put32(frame + BlkRequestLayout.TYPE, type);
    frames.memory().put32(frame + BlkRequestLayout.RESERVED, 0);
    frames
        .memory()
        .put64(frame + BlkRequestLayout.SECTOR, position / BlkRequestLayout.SECTOR_BYTES);
    frames.memory().put8(frame + BlkRequestLayout.STATUS, BlkRequestLayout.STATUS_NONE);
    elements.readable(frames.address() + frame, BlkRequestLayout.HEADER_BYTES);
    if (length > 0) {
      mapData(elements);
    }
    elements.writable(
        frames.address() + frame + BlkRequestLayout.STATUS, BlkRequestLayout.STATUS_BYTES);
  }

  private void mapData(ChainElements elements) throws DmaException {
    boolean toDevice = type == BlkRequestLayout.TYPE_OUT;
    list.clear();
    int left = length;
    for (int i = 0; left > 0; i++) {
      int step = Math.min(left, segments.length(i));
      list.add(buffer.gpa() + segments.offset(i), step);
      left -= step;
    }
    dma.mapAll(list, toDevice ? Direction.TO_DEVICE : Direction.FROM_DEVICE);
    mapped = true;
    for (int i = 0; i < list.mapped(); i++) {
      long address = list.address(i);
      long rest = list.mappedLength(i);
      while (rest > 0) {
        int step = (int) Math.min(rest, longestSegment);
        if (toDevice) {
          elements.readable(address, step);
        } else {
          elements.writable(address, step);
        }
        address += step;
        rest -= step;
      }
    }
  }

  /** Ends the mapping of the data, if there is one. */
  void unmap() throws DmaException {
    if (mapped) {
      dma.unmapAll(list);
      mapped = false;
    }
  }

  /** Whether the device wrote the status OK. */
  boolean succeeded() {
    return frames.memory().get8(frame + BlkRequestLayout.STATUS) == BlkRequestLayout.STATUS_OK;
  }

  /** Copies the data out. */
  void read(byte[] target) {
    int done = 0;
    for (int i = 0; done < length; i++) {
      int step = Math.min(length - done, segments.length(i));
      buffer.read(segments.offset(i), target, done, step);
      done += step;
    }
  }

  /** Copies the data in. */
  void write(byte[] source) {
    int done = 0;
    for (int i = 0; done < length; i++) {
      int step = Math.min(length - done, segments.length(i));
      buffer.write(segments.offset(i), source, done, step);
      done += step;
    }
  }

  /** Gives the buffer back, unless its mapping cannot be ended: then the device may reach it. */
  void free() {
    try {
      unmap();
      dma.free(buffer);
    } catch (DmaException e) {
      System.getLogger(BlockSlot.class.getName())
          .log(System.Logger.Level.WARNING, "buffer stays mapped: {0}", e.getMessage());
    }
  }
}
