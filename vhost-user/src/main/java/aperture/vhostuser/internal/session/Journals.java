package aperture.vhostuser.internal.session;

import aperture.dma.DmaRanges;
import aperture.served.QueueJournal;
import aperture.virtqueue.ChainBatch;
import java.util.List;

/** Two journals kept side by side. */
record Journals(QueueJournal first, QueueJournal second) implements QueueJournal {

  /** Any number of journals as one. */
  static QueueJournal of(List<QueueJournal> journals) {
    return journals.stream().reduce(Journals::new).orElse(QueueJournal.NONE);
  }

  @Override
  public void taken(ChainBatch batch) {
    first.taken(batch);
    second.taken(batch);
  }

  @Override
  public void finished(ChainBatch batch, int usedIndex) {
    first.finished(batch, usedIndex);
    second.finished(batch, usedIndex);
  }

  @Override
  public void usedRingWritten(DmaRanges where) {
    first.usedRingWritten(where);
    second.usedRingWritten(where);
  }

  @Override
  public void published() {
    first.published();
    second.published();
  }
}
