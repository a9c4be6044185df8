package aperture.vhostuser.internal.migration;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;
import aperture.served.QueueJournal;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.DescriptorChain;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Logs what one queue writes: the buffers before they are shown, the used ring after. */
public final class DirtyJournal implements QueueJournal {

  private static final Logger LOG = System.getLogger(DirtyJournal.class.getName());

  private final DirtyLog log;
  private final GuestMemory memory;
  private final long usedRing;
  private final long usedBytes;
  private final Runnable logged;
  private boolean complained;

  /**
   * @param memory what the chains point into
   * @param usedRing guest-physical address of the used ring
   * @param usedBytes its length; 0 when it is not to be logged
   * @param logged tells the front end that something was logged
   */
  public DirtyJournal(
      DirtyLog log, GuestMemory memory, long usedRing, long usedBytes, Runnable logged) {
    this.log = log;
    this.memory = memory;
    this.usedRing = usedRing;
    this.usedBytes = usedBytes;
    this.logged = logged;
  }

  @Override
  public void taken(ChainBatch batch) {}

  @Override
  public void finished(ChainBatch batch, int usedIndex) {
    for (int i = 0; i < batch.size(); i++) {
      DescriptorChain chain = batch.chain(i);
      DmaRanges ranges = chain.ranges();
      for (int range = chain.readableRanges(); range < ranges.count(); range++) {
        wroteRange(ranges.offset(range), ranges.length(range));
      }
    }
  }

  /** Pages behind an IOMMU may touch in the mapping and be of two regions, far apart. */
  private void wroteRange(long offset, long length) {
    long done = 0;
    while (done < length) {
      long gpa = memory.gpaOf(offset + done);
      long inRegion = Math.min(length - done, memory.contiguousFrom(gpa));
      wrote(gpa, inRegion);
      done += inRegion;
    }
  }

  @Override
  public void published() {
    if (usedBytes > 0) {
      wrote(usedRing, usedBytes);
    }
    logged.run();
  }

  private void wrote(long gpa, long length) {
    if (!log.wrote(gpa, length) && !complained) {
      complained = true;
      LOG.log(
          Level.WARNING,
          "0x{0} is beyond the dirty log, which covers {1} bytes",
          Long.toHexString(gpa),
          log.covers());
    }
  }
}
