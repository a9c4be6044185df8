package aperture.devices.blk;

import static aperture.devices.blk.BlkRequestLayout.FLAG_UNMAP;
import static aperture.devices.blk.BlkRequestLayout.HEADER_BYTES;
import static aperture.devices.blk.BlkRequestLayout.RESERVED_BYTES;
import static aperture.devices.blk.BlkRequestLayout.SECTOR_BYTES;
import static aperture.devices.blk.BlkRequestLayout.STATUS_BYTES;
import static aperture.devices.blk.BlkRequestLayout.STATUS_IOERR;
import static aperture.devices.blk.BlkRequestLayout.STATUS_OK;
import static aperture.devices.blk.BlkRequestLayout.STATUS_UNSUPP;
import static aperture.devices.blk.BlkRequestLayout.TYPE_DISCARD;
import static aperture.devices.blk.BlkRequestLayout.TYPE_FLUSH;
import static aperture.devices.blk.BlkRequestLayout.TYPE_GET_ID;
import static aperture.devices.blk.BlkRequestLayout.TYPE_IN;
import static aperture.devices.blk.BlkRequestLayout.TYPE_OUT;
import static aperture.devices.blk.BlkRequestLayout.TYPE_WRITE_ZEROES;

import aperture.block.BlockStore;
import aperture.devices.blk.BlkCounters.Count;
import aperture.virtio.FeatureSet;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.ChainReader;
import aperture.virtqueue.ChainWriter;
import aperture.virtqueue.DescriptorChain;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Serves the requests of one queue; everything a request needs is kept here and reused. Belongs to
 * the queue's worker.
 *
 * <p>Requests that wait for durability are finished together at the end of the batch, after one
 * flush of the host: a flush covers every write of its batch, which is more than it has to.
 */
final class BlkQueue {

  private static final long BOUNDARY_LOOK = TimeUnit.MICROSECONDS.toNanos(100);

  private final BlockStore store;
  private final Capacity capacity;
  private final boolean readOnly;
  private final byte[] id;
  private final WriteCache cache;
  private final HostErrors errors;
  private final BlkCounters counters = new BlkCounters();
  private final EraseSegments segments = new EraseSegments();

  /** Batches begun and batches ended: odd while one is served. */
  private final AtomicLong boundaries = new AtomicLong();

  private boolean discard;
  private boolean writeZeroes;
  private DescriptorChain[] waiting = {};
  private int waitingCount;

  BlkQueue(
      BlockStore store,
      Capacity capacity,
      boolean readOnly,
      WriteCache cache,
      HostErrors errors,
      byte[] id) {
    this.store = store;
    this.capacity = capacity;
    this.readOnly = readOnly;
    this.id = id;
    this.cache = cache;
    this.errors = errors;
  }

  BlkCounters counters() {
    return counters;
  }

  /** Features hold until the next reset. */
  void activate(FeatureSet accepted) {
    discard = accepted.has(BlkFeature.DISCARD);
    writeZeroes = accepted.has(BlkFeature.WRITE_ZEROES);
  }

  void process(ChainBatch batch) {
    // Fully fenced, before any look at the capacity: pairs with the look in awaitBoundary, which
    // comes after the capacity was limited. Either it sees this batch, or this batch the limit.
    boundaries.incrementAndGet();
    try {
      serveAll(batch);
    } finally {
      boundaries.incrementAndGet();
    }
  }

  /** Returns when the batch that is being served, if there is one, has ended. */
  void awaitBoundary() {
    long seen = boundaries.get();
    while (seen % 2 != 0 && boundaries.get() == seen) {
      LockSupport.parkNanos(this, BOUNDARY_LOOK);
    }
  }

  private void serveAll(ChainBatch batch) {
    if (waiting.length < batch.capacity()) {
      waiting = new DescriptorChain[batch.capacity()];
    }
    waitingCount = 0;
    boolean writeThrough = cache.writeThrough();
    for (int i = 0; i < batch.size(); i++) {
      serve(batch.chain(i), writeThrough);
    }
    if (waitingCount > 0) {
      settle();
    }
  }

  private void serve(DescriptorChain chain, boolean writeThrough) {
    ChainReader reader = chain.reader();
    if (reader.total() < HEADER_BYTES) {
      malformed(chain, "readable part is shorter than a request header");
      return;
    }
    if (chain.writer().total() < STATUS_BYTES) {
      malformed(chain, "no writable byte for the status");
      return;
    }
    int type = reader.get32();
    reader.skip(RESERVED_BYTES);
    long sector = reader.get64();
    switch (type) {
      case TYPE_IN -> finish(chain, read(chain.writer(), sector));
      case TYPE_OUT -> finishDurably(chain, write(reader, sector), writeThrough);
      case TYPE_FLUSH -> {
        counters.increment(Count.FLUSHES);
        finishDurably(chain, STATUS_OK, true);
      }
      case TYPE_GET_ID -> finish(chain, identify(chain.writer()));
      case TYPE_DISCARD -> {
        counters.increment(Count.DISCARDS);
        finishDurably(chain, erase(reader, discard, 0, false), writeThrough);
      }
      case TYPE_WRITE_ZEROES -> {
        counters.increment(Count.WRITE_ZEROES);
        finishDurably(chain, erase(reader, writeZeroes, FLAG_UNMAP, true), writeThrough);
      }
      default -> finish(chain, STATUS_UNSUPP);
    }
  }

  private byte read(ChainWriter writer, long sector) {
    counters.increment(Count.READS);
    long bytes = writer.total() - STATUS_BYTES;
    if (!addresses(sector, bytes)) {
      return STATUS_IOERR;
    }
    try {
      long done = store.read(writer, sector * SECTOR_BYTES, bytes);
      counters.add(Count.BYTES_READ, done);
      if (done == bytes) {
        return STATUS_OK;
      }
      errors.report(store.describe() + " is shorter than it was");
    } catch (IOException e) {
      errors.report(e);
    }
    return STATUS_IOERR;
  }

  private byte write(ChainReader reader, long sector) {
    counters.increment(Count.WRITES);
    long bytes = reader.remaining();
    if (readOnly || !addresses(sector, bytes)) {
      return STATUS_IOERR;
    }
    try {
      store.write(reader, sector * SECTOR_BYTES, bytes);
      counters.add(Count.BYTES_WRITTEN, bytes);
      return STATUS_OK;
    } catch (IOException e) {
      errors.report(e);
      return STATUS_IOERR;
    }
  }

  private boolean addresses(long sector, long bytes) {
    return bytes % SECTOR_BYTES == 0
        && BlkRange.inside(sector, bytes / SECTOR_BYTES, capacity.sectors());
  }

  private byte identify(ChainWriter writer) {
    counters.increment(Count.IDENTIFICATIONS);
    writer.put(id, 0, (int) Math.min(id.length, writer.total() - STATUS_BYTES));
    return STATUS_OK;
  }

  /**
   * Discard leaves the content open and write-zeroes does not; what is given back to the host is
   * the store's affair.
   */
  private byte erase(ChainReader reader, boolean accepted, int allowedFlags, boolean content) {
    if (readOnly) {
      return STATUS_IOERR;
    }
    if (!accepted) {
      return STATUS_UNSUPP;
    }
    byte status = segments.read(reader, capacity.sectors(), allowedFlags);
    if (status != STATUS_OK) {
      return status;
    }
    try {
      for (int i = 0; i < segments.count(); i++) {
        if (content) {
          store.writeZeroes(segments.position(i), segments.length(i));
        } else {
          store.discard(segments.position(i), segments.length(i));
        }
        counters.add(Count.BYTES_ZEROED, segments.length(i));
      }
      return STATUS_OK;
    } catch (IOException e) {
      errors.report(e);
      return STATUS_IOERR;
    }
  }

  private void malformed(DescriptorChain chain, String why) {
    counters.increment(Count.MALFORMED);
    chain.malformed(why);
  }

  private void finishDurably(DescriptorChain chain, byte status, boolean durable) {
    if (durable && status == STATUS_OK && !readOnly) {
      waiting[waitingCount++] = chain;
    } else {
      finish(chain, status);
    }
  }

  private void settle() {
    byte status = STATUS_OK;
    try {
      counters.increment(Count.HOST_FLUSHES);
      store.flush();
    } catch (IOException e) {
      errors.report(e);
      status = STATUS_IOERR;
    }
    for (int i = 0; i < waitingCount; i++) {
      finish(waiting[i], status);
    }
  }

  /**
   * Ends a request. The used length counts from the first writable byte, so whatever of the data is
   * not filled is zeroed: no length lies, and nothing stale is taken for data. The status comes
   * last.
   */
  private void finish(DescriptorChain chain, byte status) {
    if (status == STATUS_IOERR) {
      counters.increment(Count.IO_ERRORS);
    } else if (status == STATUS_UNSUPP) {
      counters.increment(Count.UNSUPPORTED);
    }
    ChainWriter writer = chain.writer();
    writer.zero(writer.remaining() - STATUS_BYTES);
    writer.putLast8(status);
    chain.complete(writer.total());
  }
}
