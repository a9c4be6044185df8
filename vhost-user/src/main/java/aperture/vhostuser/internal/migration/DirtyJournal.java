package aperture.vhostuser.internal.migration;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;
import aperture.served.QueueJournal;
import aperture.vhostuser.internal.memory.GuestPieces;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.DescriptorChain;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Logs what one queue writes: the buffers before they are shown, the used ring after.
 *
 * <p>Where the used ring is logged is told as a guest-physical address, which may be one of its
 * own, beside the ring. Behind an IOMMU it is told as an IOVA, the ring's, and what counts is the
 * memory that it means: then the ring is logged where it was written.
 */
public final class DirtyJournal implements QueueJournal {

  private static final Logger LOG = System.getLogger(DirtyJournal.class.getName());

  private final DirtyLog log;
  private final GuestMemory memory;
  private final Used used;
  private final Runnable logged;
  private final GuestPieces.Visitor pieces = this::wrote;
  private boolean complained;

  /**
   * How the used ring is logged.
   *
   * @param kind whether, and by which address
   * @param gpa guest-physical address by which it is told
   * @param bytes its length
   */
  public record Used(Kind kind, long gpa, long bytes) {

    /** Not at all. */
    public static final Used NOT = new Used(Kind.NOT, 0, 0);

    /** Where it was written. */
    public static final Used WHERE_IT_LIES = new Used(Kind.WHERE_IT_LIES, 0, 0);

    enum Kind {
      NOT,
      AS_TOLD,
      WHERE_IT_LIES
    }

    /** By an address that was told. */
    public static Used at(long gpa, long bytes) {
      return new Used(Kind.AS_TOLD, gpa, bytes);
    }
  }

  /**
   * @param memory what the chains and the used ring point into
   * @param logged tells the front end that something was logged
   */
  public DirtyJournal(DirtyLog log, GuestMemory memory, Used used, Runnable logged) {
    this.log = log;
    this.memory = memory;
    this.used = used;
    this.logged = logged;
  }

  @Override
  public void taken(ChainBatch batch) {}

  @Override
  public void finished(ChainBatch batch, int usedIndex) {
    for (int i = 0; i < batch.size(); i++) {
      DescriptorChain chain = batch.chain(i);
      GuestPieces.each(memory, chain.ranges(), chain.readableRanges(), pieces);
    }
  }

  @Override
  public void usedRingWritten(DmaRanges where) {
    switch (used.kind()) {
      case NOT -> {}
      case AS_TOLD -> wrote(used.gpa(), used.bytes());
      case WHERE_IT_LIES -> GuestPieces.each(memory, where, 0, pieces);
    }
  }

  @Override
  public void published() {
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
