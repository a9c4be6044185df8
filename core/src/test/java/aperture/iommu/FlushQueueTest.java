package aperture.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is held back, and in which order it goes. */
class FlushQueueTest {

  private final List<String> events = new ArrayList<>();
  private final FlushQueue queue = new FlushQueue(domain -> events.add("domain " + domain));

  private FlushQueue.Owner owner(String name) {
    return (iova, pages) -> events.add("%s 0x%x %d".formatted(name, iova, pages));
  }

  @Test
  void aFlushInvalidatesEachDomainOnceBeforeAnythingIsFreed() {
    FlushQueue.Owner a = owner("a");
    FlushQueue.Owner b = owner("b");
    queue.add(7, a, 0x1000, 1);
    queue.add(3, b, 0x2000, 2);
    queue.add(7, a, 0x3000, 3);
    assertThat(queue.isEmpty()).isFalse();
    assertThat(events).isEmpty();

    assertThat(queue.flush()).isTrue();

    assertThat(events)
        .containsExactly("domain 3", "domain 7", "a 0x1000 1", "b 0x2000 2", "a 0x3000 3");
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.flush()).as("nothing is left").isFalse();
    assertThat(events).hasSize(5);
  }

  @Test
  void theLastThatThereIsRoomForFlushes() {
    FlushQueue.Owner owner = owner("a");
    for (int i = 1; i < FlushQueue.MOST; i++) {
      queue.add(1, owner, i * 0x1000L, 1);
    }
    assertThat(events).isEmpty();

    queue.add(1, owner, 0, 1);

    assertThat(events).hasSize(1 + FlushQueue.MOST).startsWith("domain 1").endsWith("a 0x0 1");
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void holdingBackAllocatesNothing() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    FlushQueue quiet = new FlushQueue(domain -> {});
    FlushQueue.Owner owner = (iova, pages) -> {};
    long allocated = 0;
    for (int round = 0; round < 20; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        quiet.add(i & 3, owner, i, 1);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }

    assertThat(allocated).isLessThan(1000);
  }
}
