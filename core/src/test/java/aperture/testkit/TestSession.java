package aperture.testkit;

import aperture.dma.DmaFault;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.Lease;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuFault;
import aperture.memory.GuestMemory;
import java.util.List;
import java.util.Optional;

/**
 * The device face of {@link TestDma}, strict about the phases of a batch: translating outside them
 * throws. It can be told to answer once with something else than the truth.
 */
public final class TestSession implements DmaSession {

  private enum Phase {
    OFFLINE,
    TRANSLATING,
    HOLDING
  }

  private static final long PAGE = 1L << TestDma.SHIFT;

  private final TestDma dma;
  private Phase phase = Phase.OFFLINE;
  private Optional<DmaFault> fault = Optional.empty();
  private TranslateStatus planned = TranslateStatus.OK;
  private int plannedAfter = -1;
  private TranslateStatus plannedNext = TranslateStatus.OK;
  private long translations;
  private int perBatch = Integer.MAX_VALUE;
  private int cachePeriod;
  private int cacheQuestions;
  private int inBatch;

  TestSession(TestDma dma) {
    this.dma = dma;
  }

  /** Answers {@code status} once, after {@code after} further true answers. */
  public void answer(TranslateStatus status, int after) {
    answer(status, TranslateStatus.OK, after);
  }

  /** Answers {@code status} and then {@code next}, after {@code after} true answers. */
  public void answer(TranslateStatus status, TranslateStatus next, int after) {
    planned = status;
    plannedNext = next;
    plannedAfter = after;
  }

  /** Lets no batch make more translations than that: it must begin again. */
  public void limit(int translationsPerBatch) {
    perBatch = translationsPerBatch;
  }

  /**
   * How many questions are answered from the cache: none by default.
   *
   * @param period 0 for none; otherwise each but every {@code period}-th, so 1 also means none and
   *     {@link Integer#MAX_VALUE} all
   */
  public void cached(int period) {
    cachePeriod = period;
  }

  /** Translations so far that were not answered from the cache. */
  public long translations() {
    return translations;
  }

  private void require(Phase wanted) {
    if (phase != wanted) {
      throw new IllegalStateException("%s, not %s".formatted(phase, wanted));
    }
  }

  @Override
  public boolean begin() {
    require(Phase.OFFLINE);
    phase = Phase.TRANSLATING;
    inBatch = 0;
    return true;
  }

  @Override
  public TranslateStatus translate(long iova, long length, Access access, DmaRanges out) {
    require(Phase.TRANSLATING);
    translations++;
    if (inBatch++ == perBatch) {
      return TranslateStatus.RESTART;
    }
    if (plannedAfter >= 0 && plannedAfter-- == 0) {
      TranslateStatus now = planned;
      planned = plannedNext;
      plannedAfter = plannedNext == TranslateStatus.OK ? -1 : 0;
      plannedNext = TranslateStatus.OK;
      return now;
    }
    long last = iova + (length - 1);
    if (length <= 0 || Long.compareUnsigned(last, iova) < 0) {
      return fail(iova, length, access, iova);
    }
    int from = out.count();
    long left = length;
    long at = iova;
    while (left > 0) {
      long host = dma.hostOf(at, access.bit());
      long step = Math.min(left, PAGE - (at & (PAGE - 1)));
      if (host < 0 || !out.append(host, step, from)) {
        out.truncate(from);
        return fail(iova, length, access, at);
      }
      at += step;
      left -= step;
    }
    return TranslateStatus.OK;
  }

  private TranslateStatus fail(long iova, long length, Access access, long at) {
    IommuFault cause =
        new IommuFault("test", 0, at, access, FaultKind.UNMAPPED, 1, "not mapped", "", 0, 0, false);
    fault =
        Optional.of(
            new DmaFault(
                iova, length, access, List.of(new DmaFault.SubRange(at, 1)), List.of(), cause));
    return TranslateStatus.FAULT;
  }

  @Override
  public long translateCached(long iova, long length, int need) {
    require(Phase.TRANSLATING);
    boolean planning = plannedAfter >= 0 || perBatch != Integer.MAX_VALUE;
    if (cachePeriod == 0 || planning || ++cacheQuestions % cachePeriod == 0) {
      return NOT_CACHED;
    }
    long inPage = iova & (PAGE - 1);
    return length < 1 || inPage + length > PAGE ? NOT_CACHED : dma.hostOf(iova, need);
  }

  @Override
  public void hold() {
    require(Phase.TRANSLATING);
    phase = Phase.HOLDING;
  }

  @Override
  public void end() {
    phase = Phase.OFFLINE;
  }

  @Override
  public Lease retain() {
    require(Phase.HOLDING);
    return new Lease() {
      @Override
      public boolean revoked() {
        return false;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Optional<DmaFault> fault() {
    return fault;
  }

  @Override
  public long generation() {
    return dma.generation();
  }

  @Override
  public void awaitGrant() {}

  @Override
  public void awaitAnswer() {}

  @Override
  public GuestMemory memory() {
    return dma.memory();
  }

  @Override
  public void close() {}
}
