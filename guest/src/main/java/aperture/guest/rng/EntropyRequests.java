package aperture.guest.rng;

import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.guest.io.RequestSource;
import aperture.guest.io.Tally;
import aperture.guest.io.Tally.Count;
import aperture.virtio.DriverException;
import aperture.virtqueue.ChainElements;

/** The requests of an entropy queue: one buffer each, to be filled. */
final class EntropyRequests implements RequestSource {

  private static final long NOT_MAPPED = -1;

  /** So many zero bytes are no coincidence: one in 2^128. */
  private static final int SUSPICIOUS = 16;

  private final DriverDma dma;
  private final GuestBuffer[] buffers;
  private final long[] addresses;
  private final int[] free;
  private int freeCount;
  private final int bytes;
  private final byte[] data;

  private EntropyRequests(DriverDma dma, GuestBuffer[] buffers, int bytes) {
    this.dma = dma;
    this.buffers = buffers;
    this.addresses = new long[buffers.length];
    this.free = new int[buffers.length];
    this.bytes = bytes;
    this.data = new byte[bytes];
    for (int i = 0; i < buffers.length; i++) {
      addresses[i] = NOT_MAPPED;
      free[freeCount++] = i;
    }
  }

  static EntropyRequests allocate(DriverDma dma, int depth, int bytes) throws DriverException {
    GuestBuffer[] buffers = new GuestBuffer[depth];
    int made = 0;
    try {
      for (; made < depth; made++) {
        buffers[made] = dma.allocate(bytes);
      }
      return new EntropyRequests(dma, buffers, bytes);
    } catch (DmaException e) {
      for (int i = 0; i < made; i++) {
        dma.free(buffers[i]);
      }
      throw new DriverException(
          "%d buffers of %d bytes do not fit: %s".formatted(depth, bytes, e.getMessage()), e);
    }
  }

  @Override
  public int mostElements() {
    return 1;
  }

  @Override
  public int prepare(ChainElements elements) throws DmaException {
    if (freeCount == 0) {
      return LATER;
    }
    int slot = free[freeCount - 1];
    // Zeroed, so that a device which says that it wrote, and did not, is found out.
    buffers[slot].fill(0, bytes, (byte) 0);
    addresses[slot] = dma.map(buffers[slot].gpa(), bytes, Direction.FROM_DEVICE);
    freeCount--;
    elements.writable(addresses[slot], bytes);
    return slot;
  }

  @Override
  public int conclude(ChainElements elements) {
    return END;
  }

  @Override
  public void used(int slot, long written, Tally tally) throws DmaException {
    unmap(slot);
    int length = (int) Math.min(written, bytes);
    buffers[slot].read(0, data, 0, length);
    tally.add(Count.BYTES_READ, length);
    if (length == 0 || (length >= SUSPICIOUS && allZero(length))) {
      tally.increment(Count.MISMATCHES);
    }
    free[freeCount++] = slot;
  }

  private boolean allZero(int length) {
    for (int i = 0; i < length; i++) {
      if (data[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private void unmap(int slot) throws DmaException {
    dma.unmap(addresses[slot], bytes);
    addresses[slot] = NOT_MAPPED;
  }

  @Override
  public void abandon(int slot) throws DmaException {
    unmap(slot);
    free[freeCount++] = slot;
  }

  @Override
  public void close() {
    for (int i = 0; i < buffers.length; i++) {
      try {
        if (addresses[i] != NOT_MAPPED) {
          unmap(i);
        }
        dma.free(buffers[i]);
      } catch (DmaException e) {
        // What cannot be unmapped the device may still reach.
        System.getLogger(EntropyRequests.class.getName())
            .log(System.Logger.Level.WARNING, "buffer stays mapped: {0}", e.getMessage());
      }
    }
  }
}
