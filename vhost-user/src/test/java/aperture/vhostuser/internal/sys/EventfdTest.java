package aperture.vhostuser.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class EventfdTest {

  /** Almost full: one more is taken, the next would wait. */
  private static final long NEARLY_FULL = -3L;

  /** An eventfd made blocking by somebody else. */
  private static Eventfd blocking() throws IOException {
    return Eventfd.adopt(Fd.made("eventfd", FileCalls.eventfd(0, 0)));
  }

  private static void add(Eventfd eventfd, long count) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocateFrom(ValueLayout.JAVA_LONG, count);
      int number = eventfd.fd().enter();
      assertThat(FileCalls.write(number, value, Long.BYTES)).isEqualTo(Long.BYTES);
      eventfd.fd().leave();
    }
  }

  @Test
  void signalsAddUpAndAreDrainedAtOnce() throws IOException {
    try (Eventfd eventfd = Eventfd.create()) {
      assertThat(eventfd.drain()).isFalse();
      eventfd.signal();
      eventfd.signal();
      assertThat(eventfd.await(Poller.FOREVER)).isTrue();
      assertThat(eventfd.drain()).isFalse();
      assertThat(eventfd.await(1)).isFalse();
    }
  }

  @Test
  void aSignalWakesAThreadThatWaits() throws Exception {
    try (Eventfd there = Eventfd.create();
        Eventfd back = Eventfd.create()) {
      CompletableFuture<Void> other =
          CompletableFuture.runAsync(() -> {
            try {
              for (int i = 0; i < 1000; i++) {
                assertThat(there.await(Poller.FOREVER)).isTrue();
                back.signal();
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      for (int i = 0; i < 1000; i++) {
        there.signal();
        assertThat(back.await(Poller.FOREVER)).isTrue();
      }
      other.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void drainingNeverWaitsWhateverFlagsThePeerChose() throws IOException {
    try (Eventfd eventfd = blocking()) {
      assertThat(eventfd.drain()).isFalse();
      eventfd.signal();
      assertThat(eventfd.drain()).isTrue();
      assertThat(eventfd.drain()).isFalse();
    }
  }

  @Test
  void aCounterThatThePeerFilledHoldsNobodyUp() throws IOException {
    for (Eventfd eventfd : List.of(Eventfd.create(), blocking())) {
      try (eventfd) {
        add(eventfd, NEARLY_FULL);
        eventfd.signal();
        eventfd.signal();
        eventfd.signal();
        assertThat(eventfd.drain()).isTrue();
        assertThat(eventfd.drain()).isFalse();
      }
    }
  }

  @Test
  void whatIsNoEventfdIsRefusedAndClosed() throws IOException {
    long before = Fd.open();
    Fd file = MemoryFile.create("file", 4096);
    assertThatThrownBy(() -> Eventfd.adopt(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("memfd:file")
        .hasMessageEndingWith("instead of an eventfd");
    try (UnixSocket.Pair pair = UnixSocket.pair()) {
      assertThatThrownBy(() -> Eventfd.adopt(pair.left().fd()))
          .hasMessageContaining("socket:")
          .isInstanceOf(IOException.class);
    }
    assertThat(Fd.open()).isEqualTo(before);
  }

  @Test
  void aClosedOneIsNeverWrittenTo() throws IOException {
    Eventfd eventfd = Eventfd.create();
    eventfd.close();
    assertThatThrownBy(eventfd::signal).isInstanceOf(IOException.class);
    assertThatThrownBy(eventfd::drain).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> eventfd.await(0)).isInstanceOf(IOException.class);
  }

  @Test
  void aPollerTellsWhichOneIsReady() throws IOException {
    try (Eventfd left = Eventfd.create();
        Eventfd right = Eventfd.create()) {
      Poller poller = new Poller(left.fd(), right.fd());
      assertThat(poller.await(0)).isFalse();
      right.signal();
      assertThat(poller.await(Poller.FOREVER)).isTrue();
      assertThat(poller.ready(0)).isFalse();
      assertThat(poller.ready(1)).isTrue();
      left.signal();
      assertThat(poller.await(5)).isTrue();
      assertThat(poller.ready(0)).isTrue();
    }
  }
}
