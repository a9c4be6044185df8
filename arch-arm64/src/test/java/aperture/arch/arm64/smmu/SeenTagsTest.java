package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SeenTagsTest {

  private static final int THREADS = 4;
  private static final int EACH = 60;

  private final SeenTags seen = new SeenTags();

  private Set<Integer> between(int first, int last) {
    Set<Integer> found = new TreeSet<>();
    assertThat(seen.forEach(first, last, found::add)).isTrue();
    return found;
  }

  @Test
  void tagsThatSeveralThreadsNoteAreAllFound() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int first = t * EACH / 2; // Half of them noted by a neighbour too.
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int tag = first; tag < first + EACH; tag++) {
                  seen.note(tag << 8);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    int last = (THREADS - 1) * EACH / 2 + EACH - 1;
    assertThat(between(0, -1)).hasSize(last + 1);
    assertThat(between(5 << 8, 9 << 8)).containsExactly(5 << 8, 6 << 8, 7 << 8, 8 << 8, 9 << 8);
  }

  @Test
  void tagsOfTheUpperHalfAreInOrderToo() {
    seen.note(0x7fff_0001);
    seen.note(0x8000_0001);
    seen.note(0xffff_0001);
    assertThat(between(0x8000_0000, 0x8000_ffff)).containsExactly(0x8000_0001);
    assertThat(between(0, -1)).hasSize(3);
  }

  @Test
  void whatIsForgottenIsGone() {
    seen.note(5);
    seen.noteGlobal();
    seen.noteTopByteIgnored();
    seen.forget();
    assertThat(between(0, -1)).isEmpty();
    assertThat(seen.globals()).isFalse();
    assertThat(seen.topByteIgnored()).isFalse();
  }

  @Test
  void aSetThatIsFullSaysSo() {
    for (int tag = 0; tag < 4096; tag++) {
      seen.note(tag);
    }
    assertThat(seen.forEach(0, 0, tag -> {})).isFalse();
  }
}
