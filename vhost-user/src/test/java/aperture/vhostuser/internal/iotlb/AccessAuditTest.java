package aperture.vhostuser.internal.iotlb;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.served.QueueJournal;
import aperture.virtqueue.ChainBatch;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AccessAuditTest {

  private static final long PAGE = 4096;
  private static final long IOVA = 0x7000_0000L;
  private static final long GPA = 0x3000;

  private final AccessAudit audit = new AccessAudit();
  private GuestMemory memory;
  private QueueJournal journal;
  private ChainBatch batch;

  @BeforeEach
  void open() throws Exception {
    memory = GuestMemory.allocate(List.of(new MemoryRange(0, 1 << 20)));
    journal = audit.journal(memory);
    batch = new ChainBatch(1, memory);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  private void use(long gpa, long bytes) {
    batch.resize(1);
    batch.chain(0).reset(0);
    batch.chain(0).ranges().append(memory.offsetOf(gpa, bytes), bytes);
    journal.finished(batch, 1);
  }

  private void translate(long first, long last, long gpa) {
    audit.coming(first, last, gpa);
    audit.began(first, last, gpa);
  }

  @Test
  void aPageMayBeUsedBeforeNobodyUsesWhatItsTranslationReplaces() {
    translate(IOVA, IOVA + PAGE - 1, GPA);
    audit.coming(IOVA, IOVA + PAGE - 1, GPA + PAGE);
    use(GPA, 8);
    use(GPA + PAGE, 8);
    assertThat(audit.stale()).isZero();

    audit.began(IOVA, IOVA + PAGE - 1, GPA + PAGE);
    use(GPA + PAGE, 8);
    assertThat(audit.stale()).isZero();
    use(GPA, 8);
    assertThat(audit.stale()).isEqualTo(1);
  }

  @Test
  void whatATranslationMeansMayBeUsedUntilItsEnd() {
    translate(IOVA, IOVA + 2 * PAGE - 1, GPA);
    use(GPA + 100, PAGE);
    assertThat(audit.accesses()).isEqualTo(2);
    assertThat(audit.stale()).isZero();

    audit.ended(IOVA, IOVA + PAGE - 1);
    use(GPA + PAGE, 8);
    assertThat(audit.stale()).as("the second page's translation goes on").isZero();
    use(GPA, 8);
    assertThat(audit.stale()).isEqualTo(1);
  }

  @Test
  void aRangeThatTouchesTwoRegionsIsOfBoth() throws Exception {
    long far = 1L << 32;
    try (GuestMemory two =
        GuestMemory.allocate(List.of(new MemoryRange(0, PAGE), new MemoryRange(far, PAGE)))) {
      translate(IOVA, IOVA + PAGE - 1, 0);
      translate(IOVA + PAGE, IOVA + 2 * PAGE - 1, far);
      ChainBatch both = new ChainBatch(1, two);
      both.resize(1);
      both.chain(0).reset(0);
      both.chain(0).ranges().append(two.offsetOf(0, PAGE), 2 * PAGE);
      audit.journal(two).finished(both, 1);
    }
    assertThat(audit.accesses()).isEqualTo(2);
    assertThat(audit.stale()).isZero();
  }

  @Test
  void aPageThatTwoAddressesMeanIsStaleWhenBothHaveEnded() {
    translate(IOVA, IOVA + PAGE - 1, GPA);
    translate(2 * IOVA, 2 * IOVA + PAGE - 1, GPA);
    audit.ended(IOVA, IOVA + PAGE - 1);
    use(GPA, 8);
    assertThat(audit.stale()).isZero();

    audit.ended(0, -1L);
    use(GPA, 8);
    assertThat(audit.stale()).isEqualTo(1);
  }

  @Test
  void anAddressThatMeansSomethingElseNowEndsWhatItMeant() {
    translate(IOVA, IOVA + PAGE - 1, GPA);
    translate(IOVA, IOVA + PAGE - 1, GPA + PAGE);
    use(GPA + PAGE, 8);
    assertThat(audit.stale()).isZero();
    use(GPA, 8);
    assertThat(audit.stale()).isEqualTo(1);
  }
}
