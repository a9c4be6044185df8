package aperture.guest.io;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.guest.fake.Entropy;
import aperture.guest.fake.FakeDevice;
import aperture.guest.fake.FakePlatform;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import aperture.virtio.IoReport;
import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.QueueFault;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Accounting, with a queue that does as it is told. */
class PumpedJobTest {

  private final Scripted queue = new Scripted();
  private final Plain source = new Plain();

  private IoReport run(long requests) throws Exception {
    try (FakePlatform platform = new FakePlatform();
        FakeDevice device = new FakeDevice(platform, new Entropy(1, 1), 1, 8)) {
      PumpedJob job =
          new PumpedJob(
              "d0",
              new IoPlan(Pattern.READ, requests, 512, 4, 0),
              device,
              List.of(queue),
              List.of(source),
              Optional::empty);
      job.begin();
      assertThat(job.await(Duration.ofSeconds(30))).isTrue();
      assertThat(source.closed || job.holdsMemory()).isTrue();
      return job.report();
    }
  }

  @Test
  void a_token_used_twice_is_counted_as_repeated() throws Exception {
    queue.echo = 2;
    IoReport report = run(10);
    assertThat(report.completed()).isEqualTo(10);
    assertThat(report.repeated()).isEqualTo(10);
    assertThat(report.lost()).isZero();
    assertThat(report.clean()).isFalse();
  }

  @Test
  void a_queue_that_the_device_broke_ends_the_job_and_what_was_in_flight_is_lost()
      throws Exception {
    queue.breakAfter = 6;
    IoReport report = run(10);
    assertThat(report.completed()).isEqualTo(6);
    assertThat(report.lost()).isEqualTo(report.submitted() - 6).isPositive();
    assertThat(report.repeated()).as("used, and not in flight").isEqualTo(1);
    assertThat(report.reason()).contains("used element that is not in flight");
  }

  @Test
  void every_request_is_used_once_and_memory_given_back() throws Exception {
    IoReport report = run(1000);
    assertThat(report.clean()).isTrue();
    assertThat(report.submitted()).isEqualTo(1000);
    assertThat(report.completed()).isEqualTo(1000);
    assertThat(source.closed).isTrue();
    assertThat(source.used).isEqualTo(1000);
  }

  @Test
  void an_exception_in_the_pump_ends_the_job() throws Exception {
    source.throwAt = 5;
    IoReport report = run(10);
    assertThat(report.reason()).contains("planted");
    assertThat(report.submitted()).isEqualTo(report.completed() + report.lost());
  }

  private static final class Plain implements RequestSource {
    private final Deque<Integer> free = new ArrayDeque<>(List.of(0, 1, 2, 3));
    private int used;
    private int throwAt = -1;
    private volatile boolean closed;

    @Override
    public int mostElements() {
      return 1;
    }

    @Override
    public int prepare(ChainElements elements) {
      Integer slot = free.poll();
      if (slot == null) {
        return LATER;
      }
      elements.writable(slot, 1);
      return slot;
    }

    @Override
    public int conclude(ChainElements elements) {
      return END;
    }

    @Override
    public void used(int slot, long written, Tally tally) {
      if (++used == throwAt) {
        throw new IllegalStateException("planted");
      }
      free.add(slot);
    }

    @Override
    public void abandon(int slot) {
      free.add(slot);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /** Uses everything at once. Belongs to the pump; the knobs are set before. */
  private static final class Scripted implements DriverQueue {
    private final Deque<Integer> tokens = new ArrayDeque<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
    private final Deque<Integer> inFlight = new ArrayDeque<>();
    private int echo = 1;
    private int breakAfter = Integer.MAX_VALUE;
    private int again;
    private int last;
    private int taken;

    @Override
    public int size() {
      return 8;
    }

    @Override
    public QueueAddresses addresses() {
      return new QueueAddresses(0, 0, 0);
    }

    @Override
    public int add(ChainElements elements) {
      Integer token = tokens.poll();
      if (token == null) {
        return NONE;
      }
      inFlight.add(token);
      return token;
    }

    @Override
    public boolean publish() {
      return false;
    }

    @Override
    public int take() {
      if (again > 0) {
        again--;
        return last;
      }
      if (inFlight.isEmpty() || taken == breakAfter) {
        return NONE;
      }
      taken++;
      last = inFlight.poll();
      tokens.add(last);
      again = echo - 1;
      return last;
    }

    @Override
    public long takenLength() {
      return 1;
    }

    @Override
    public boolean enableInterrupts() {
      return !inFlight.isEmpty();
    }

    @Override
    public void disableInterrupts() {}

    @Override
    public int free() {
      return tokens.size();
    }

    @Override
    public int inFlight() {
      return inFlight.size();
    }

    @Override
    public Optional<QueueFault> fault() {
      return taken == breakAfter
          ? Optional.of(QueueFault.of(QueueFault.Kind.USED_NOT_IN_FLIGHT, 7, -1, "planted"))
          : Optional.empty();
    }

    @Override
    public void release() {}
  }
}
