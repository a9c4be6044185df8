package aperture.guest.blk;

import aperture.dma.CoherentBuffer;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.guest.io.RequestSource;
import aperture.guest.io.Tally;
import aperture.guest.io.Tally.Count;
import aperture.virtio.DriverException;
import aperture.virtqueue.ChainElements;
import java.util.Arrays;

/** The requests of one block queue: slots and what becomes of them. */
final class BlockRequests implements RequestSource {

  private final DriverDma dma;
  private final BlockPattern pattern;
  private final boolean flushes;
  private final CoherentBuffer frames;
  private final BlockSlot[] slots;
  private final SlotStack free;
  private final SlotStack again;
  private final SlotStack held;
  private boolean wrote;

  private BlockRequests(
      DriverDma dma,
      BlockPattern pattern,
      boolean flushes,
      CoherentBuffer frames,
      BlockSlot[] slots) {
    this.dma = dma;
    this.pattern = pattern;
    this.flushes = flushes;
    this.frames = frames;
    this.slots = slots;
    this.free = new SlotStack(slots.length);
    this.again = new SlotStack(slots.length);
    this.held = new SlotStack(slots.length);
    for (int i = slots.length - 1; i >= 0; i--) {
      free.push(i);
    }
  }

  /**
   * Allocates everything that the requests of a queue will ever need.
   *
   * @throws DriverException when the plan does not fit, or guest memory is used up
   */
  static BlockRequests allocate(
      DriverDma dma, BlockGeometry geometry, int depth, int blockBytes, BlockPattern pattern)
      throws DriverException {
    BlockSlot[] slots = new BlockSlot[depth];
    CoherentBuffer frames = null;
    int made = 0;
    try {
      frames = dma.allocateCoherent((long) depth * BlkRequestLayout.FRAME_BYTES);
      for (; made < depth; made++) {
        slots[made] = BlockSlot.allocate(made, blockBytes, geometry, dma, frames);
      }
      return new BlockRequests(dma, pattern, geometry.flushes(), frames, slots);
    } catch (DmaException | DriverException e) {
      for (BlockSlot slot : Arrays.copyOf(slots, made)) {
        slot.free();
      }
      if (frames != null) {
        dma.freeCoherent(frames);
      }
      throw e instanceof DriverException refusal
          ? refusal
          : new DriverException(
              "%d requests of %d bytes for each queue do not fit: %s"
                  .formatted(depth, blockBytes, e.getMessage()),
              e);
    }
  }

  @Override
  public int mostElements() {
    return slots[0].mostElements();
  }

  @Override
  public int prepare(ChainElements elements) throws DmaException {
    if (!again.isEmpty()) {
      return map(again.pop(), elements);
    }
    releaseHeld();
    if (free.isEmpty()) {
      return LATER;
    }
    int slot = free.pop();
    return switch (pattern.choose(slots[slot])) {
      case READY -> map(slot, elements);
      case LATER -> {
        free.push(slot);
        yield LATER;
      }
      case END -> {
        free.push(slot);
        yield END;
      }
    };
  }

  private int map(int slot, ChainElements elements) throws DmaException {
    boolean done = false;
    try {
      slots[slot].map(elements);
      done = true;
      return slot;
    } finally {
      if (!done) {
        pattern.abandoned(slots[slot]);
        free.push(slot);
      }
    }
  }

  private void releaseHeld() {
    for (int i = held.size() - 1; i >= 0; i--) {
      int slot = held.get(i);
      if (pattern.isReleased(slots[slot])) {
        held.remove(i);
        free.push(slot);
      }
    }
  }

  @Override
  public int conclude(ChainElements elements) {
    if (!wrote || !flushes || free.isEmpty()) {
      return END;
    }
    int index = free.pop();
    BlockSlot slot = slots[index];
    slot.type = BlkRequestLayout.TYPE_FLUSH;
    slot.position = 0;
    slot.length = 0;
    try {
      slot.map(elements);
      return index;
    } catch (DmaException e) {
      throw new IllegalStateException("a request without data maps nothing", e);
    }
  }

  @Override
  public void used(int index, long written, Tally tally) throws DmaException {
    BlockSlot slot = slots[index];
    slot.unmap();
    boolean succeeded = slot.succeeded();
    if (!succeeded) {
      tally.increment(Count.FAILED);
    }
    switch (slot.type) {
      case BlkRequestLayout.TYPE_IN -> tally.add(Count.BYTES_READ, succeeded ? slot.length : 0);
      case BlkRequestLayout.TYPE_OUT -> {
        wrote = true;
        tally.add(Count.BYTES_WRITTEN, succeeded ? slot.length : 0);
      }
      default -> {
        free.push(index);
        return;
      }
    }
    switch (pattern.finished(slot, succeeded, tally)) {
      case FREE -> free.push(index);
      case HELD -> held.push(index);
      case AGAIN -> again.push(index);
    }
  }

  @Override
  public void abandon(int index) throws DmaException {
    BlockSlot slot = slots[index];
    slot.unmap();
    if (slot.length > 0) {
      pattern.abandoned(slot);
    }
    free.push(index);
  }

  @Override
  public void close() {
    for (BlockSlot slot : slots) {
      slot.free();
    }
    dma.freeCoherent(frames);
  }
}
