package aperture.vhostuser.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.vhostuser.internal.sys.UnixListener.Acceptance;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process without a free descriptor. */
@Timeout(60)
class StarvedListenerTest {

  private static final Logger LOGGER = Logger.getLogger(UnixListener.class.getName());
  private static final int CLOSE_ON_EXEC = 0x8_0000;

  private final long before = Fd.open();
  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
  private final Handler listener = new LogListener();

  @TempDir Path folder;

  private final class LogListener extends Handler {
    @Override
    public void publish(LogRecord record) {
      log.add(new SimpleFormatter().formatMessage(record));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void listen() {
    LOGGER.addHandler(listener);
  }

  @AfterEach
  void nothingLeaks() {
    LOGGER.removeHandler(listener);
    assertThat(Fd.open()).isEqualTo(before);
  }

  /** Fails as long as there are refusals left. */
  private Acceptance refusing(int errno) {
    return number -> {
      calls.incrementAndGet();
      return refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0
          ? -errno
          : SocketCalls.accept(number, MemorySegment.NULL, MemorySegment.NULL, CLOSE_ON_EXEC);
    };
  }

  private Path path() {
    return folder.resolve("s.sock");
  }

  @ParameterizedTest
  @ValueSource(ints = {Errno.EMFILE, Errno.ENFILE})
  void aConnectionWaitsUntilThereIsADescriptorAndThatIsSaidOnce(int errno) throws Exception {
    try (UnixListener door = UnixListener.listen(path(), refusing(errno))) {
      for (int time = 1; time <= 2; time++) {
        refusals.set(3);
        calls.set(0);
        try (UnixSocket near = UnixSocket.connect(path());
            UnixSocket far = door.accept().orElseThrow()) {
          assertThat(calls).hasValue(4);
          near.send(new byte[] {42}, List.of());
          assertThat(far.receiver(8).receive(0, 8, new ArrayList<>())).isEqualTo(1);
        }
        assertThat(log).hasSize(time).last().asString().contains(path() + ": connections wait");
      }
    }
  }

  @Test
  void aListenerThatWaitsForADescriptorCanBeClosed() throws Exception {
    refusals.set(Integer.MAX_VALUE);
    UnixListener door = UnixListener.listen(path(), refusing(Errno.EMFILE));
    try (UnixSocket near = UnixSocket.connect(path())) {
      Thread accepting =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  assertThat(door.accept()).isEmpty();
                } catch (Exception e) {
                  log.add("failed: " + e);
                }
              });
      await().atMost(Duration.ofSeconds(20)).until(() -> calls.get() >= 2);
      assertThat(near.fd().isOpen()).isTrue();
      door.close();
      accepting.join();
      assertThat(log).hasSize(1).noneMatch(line -> line.startsWith("failed"));
    }
  }
}
