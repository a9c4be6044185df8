package aperture.guest.dma;

import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bounces: a device sees nothing but a pool that was mapped once, and data is copied into it and
 * out of it. Guests whose memory is closed to devices drive them so.
 *
 * <pre>
 *   | slot | slot | ... of 2 KiB; a mapping is a run of slots, a ring a run that starts on a page |
 * </pre>
 *
 * <p>What is mapped is copied in whichever way data goes: a device that writes less than it may
 * then leaves the rest as it was, and no bytes of another request.
 */
public final class BounceDma extends OwnDma {

  /** As small as a slot of Linux's swiotlb. */
  static final int SLOT = 2048;

  private static final int SLOTS_PER_PAGE = 4096 / SLOT;

  private final CoherentBuffer pool;

  // The rest is guarded by this object. Arrays are indexed by the first slot of a run.
  private final Runs slots;
  private final byte[] scratch = new byte[SLOT];

  /** Bytes in use; 0 where no run begins. */
  private final long[] lengths;

  /** The memory that is bounced; null for a ring, which lies in the pool itself. */
  private final @Nullable GuestBuffer[] origins;

  /** Where in that memory. */
  private final long[] offsets;

  private final Direction[] directions;

  private BounceDma(DriverDma under, CoherentBuffer pool) {
    super(under, under.space());
    this.pool = pool;
    int count = (int) (pool.memory().size() / SLOT);
    this.slots = new Runs(count);
    this.lengths = new long[count];
    this.origins = new GuestBuffer[count];
    this.offsets = new long[count];
    this.directions = new Direction[count];
  }

  /**
   * Allocates the pool and maps it.
   *
   * @param bytes of the pool
   */
  public static BounceDma over(DriverDma under, long bytes) throws DmaException {
    return new BounceDma(under, under.allocateCoherent(bytes));
  }

  @Override
  public synchronized long map(long gpa, long length, Direction direction) throws DmaException {
    Buffers.Piece piece = piece(gpa, length);
    int first = take(length, 1);
    origins[first] = piece.buffer();
    offsets[first] = piece.offset(gpa);
    directions[first] = direction;
    copyIn(first, 0, length);
    return addressOf(first);
  }

  @Override
  public synchronized void unmap(long address, long length) throws DmaException {
    int first = run(address, length);
    if (origins[first] == null) {
      throw notMapped(address, length);
    }
    copyOut(first, 0, length);
    origins[first] = null;
    give(first);
  }

  /** A ring lies in the pool: there is nothing to copy. */
  @Override
  public synchronized CoherentBuffer allocateCoherent(long size) throws DmaException {
    if (size <= 0) {
      throw new DmaException("a buffer of %d bytes cannot be".formatted(size));
    }
    int first = take(size, SLOTS_PER_PAGE);
    PartOfBuffer part = new PartOfBuffer(pool.memory(), (long) first * SLOT, size);
    part.fill(0, size, (byte) 0);
    return new CoherentBuffer(part, addressOf(first));
  }

  @Override
  public synchronized void freeCoherent(CoherentBuffer buffer) {
    try {
      int first = run(buffer.address(), buffer.memory().size());
      if (origins[first] != null) {
        throw notMapped(buffer.address(), buffer.memory().size());
      }
      give(first);
    } catch (DmaException e) {
      throw new IllegalArgumentException("not a coherent buffer of this driver", e);
    }
  }

  @Override
  public synchronized void syncForCpu(long address, long length) {
    int first = around(address, length);
    under().syncForCpu(address, length);
    copyOut(first, address - addressOf(first), length);
  }

  @Override
  public synchronized void syncForDevice(long address, long length) {
    int first = around(address, length);
    copyIn(first, address - addressOf(first), length);
    under().syncForDevice(address, length);
  }

  private long addressOf(int slot) {
    return pool.address() + (long) slot * SLOT;
  }

  private static int slotsOf(long length) {
    return (int) ((length + SLOT - 1) / SLOT);
  }

  private int take(long length, int align) throws DmaException {
    int first = length <= pool.memory().size() ? slots.take(slotsOf(length), align) : Runs.NONE;
    if (first == Runs.NONE) {
      throw new DmaException(
          "the bounce pool of %d bytes has no room for %d".formatted(pool.memory().size(), length));
    }
    lengths[first] = length;
    return first;
  }

  private void give(int first) {
    slots.give(first, slotsOf(lengths[first]));
    lengths[first] = 0;
  }

  /** The run of a mapping, by its address and length. */
  private int run(long address, long length) throws DmaException {
    long offset = address - pool.address();
    if (offset < 0 || offset >= pool.memory().size() || offset % SLOT != 0) {
      throw notMapped(address, length);
    }
    int first = (int) (offset / SLOT);
    if (length <= 0 || lengths[first] != length) {
      throw notMapped(address, length);
    }
    return first;
  }

  /** The run that a part of a mapping lies in. */
  private int around(long address, long length) {
    long offset = address - pool.address();
    if (offset >= 0 && offset < pool.memory().size()) {
      int first = (int) (offset / SLOT);
      while (first > 0 && lengths[first] == 0) {
        first--;
      }
      if (length >= 0 && address + length <= addressOf(first) + lengths[first]) {
        return first;
      }
    }
    throw new IllegalArgumentException("0x%x, %d bytes: not mapped".formatted(address, length));
  }

  private void copyIn(int first, long from, long length) {
    GuestBuffer origin = origins[first];
    if (origin != null) {
      copy(origin, offsets[first] + from, pool.memory(), (long) first * SLOT + from, length);
    }
  }

  private void copyOut(int first, long from, long length) {
    GuestBuffer origin = origins[first];
    if (origin != null && directions[first] != Direction.TO_DEVICE) {
      copy(pool.memory(), (long) first * SLOT + from, origin, offsets[first] + from, length);
    }
  }

  private void copy(GuestBuffer source, long from, GuestBuffer target, long to, long length) {
    for (long done = 0; done < length; done += SLOT) {
      int step = (int) Math.min(SLOT, length - done);
      source.read(from + done, scratch, 0, step);
      target.write(to + done, scratch, 0, step);
    }
  }

  @Override
  public void close() {
    super.close();
    under().freeCoherent(pool);
  }
}
