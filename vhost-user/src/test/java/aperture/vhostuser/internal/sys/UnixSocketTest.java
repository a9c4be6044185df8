package aperture.vhostuser.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class UnixSocketTest {

  private final long before = Fd.open();

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Fd.open()).isEqualTo(before);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static <T> CompletableFuture<T> elsewhere(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            result.complete(task.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  @Test
  void bytesAndDescriptorsArriveTogether() throws IOException {
    try (UnixSocket.Pair pair = UnixSocket.pair();
        Fd one = MemoryFile.create("one", 1);
        Fd two = MemoryFile.create("two", 2)) {
      pair.left().send(bytes("hello"), List.of(one, two));
      pair.left().send(bytes("again"), List.of());

      List<Fd> came = new ArrayList<>();
      Receiver receiver = pair.right().receiver(64);
      assertThat(receiver.receive(3, 20, came)).isEqualTo(5);
      assertThat(receiver.bytes(3, 5)).isEqualTo(bytes("hello"));
      assertThat(came).hasSize(2);
      assertThat(came.get(0).size()).isEqualTo(1);
      assertThat(came.get(1).size()).isEqualTo(2);
      came.forEach(Fd::close);

      came.clear();
      assertThat(receiver.receive(0, 64, came)).isEqualTo(5);
      assertThat(came).isEmpty();
    }
  }

  @Test
  void thirtyTwoDescriptorsAreTakenAndOneMoreIsRefusedWithAllClosed() throws IOException {
    try (UnixSocket.Pair pair = UnixSocket.pair();
        Fd file = MemoryFile.create("file", 1)) {
      Receiver receiver = pair.right().receiver(8);
      List<Fd> came = new ArrayList<>();
      pair.left().send(bytes("x"), Collections.nCopies(32, file));
      assertThat(receiver.receive(0, 8, came)).isEqualTo(1);
      assertThat(came).hasSize(32);
      came.forEach(Fd::close);
      came.clear();

      HostilePeer.send(pair.left(), bytes("y"), Collections.nCopies(33, file));
      long open = Fd.open();
      assertThatThrownBy(() -> receiver.receive(0, 8, came))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("more than 32 descriptors");
      assertThat(came).isEmpty();
      assertThat(Fd.open()).isEqualTo(open);
    }
  }

  @Test
  void aMessageLargerThanTheSocketsBufferArrivesWhole() throws Exception {
    byte[] large = new byte[3 << 20];
    new Random(7).nextBytes(large);
    try (UnixSocket.Pair pair = UnixSocket.pair();
        Fd file = MemoryFile.create("file", 1)) {
      CompletableFuture<Boolean> sent =
          elsewhere(() -> {
            pair.left().send(large, List.of(file));
            return true;
          });
      Receiver receiver = pair.right().receiver(large.length);
      List<Fd> came = new ArrayList<>();
      int at = 0;
      while (at < large.length) {
        int count = receiver.receive(at, large.length - at, came);
        assertThat(count).isPositive();
        at += count;
      }
      assertThat(sent.get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(receiver.bytes(0, large.length)).isEqualTo(large);
      assertThat(came).hasSize(1);
      came.forEach(Fd::close);
    }
  }

  @Test
  void shuttingDownWakesReceiverAndSender() throws Exception {
    try (UnixSocket.Pair pair = UnixSocket.pair()) {
      Receiver receiver = pair.right().receiver(8);
      CompletableFuture<Integer> count = elsewhere(() -> receiver.receive(0, 8, new ArrayList<>()));
      pair.right().shutdown();
      assertThat(count.get(10, TimeUnit.SECONDS)).isZero();
    }
    try (UnixSocket.Pair pair = UnixSocket.pair()) {
      CompletableFuture<Boolean> sent =
          elsewhere(() -> {
            pair.left().send(new byte[8 << 20], List.of());
            return true;
          });
      Receiver receiver = pair.right().receiver(8);
      assertThat(receiver.receive(0, 8, new ArrayList<>())).isPositive();
      pair.left().shutdown();
      assertThat(sent)
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableOfType(ExecutionException.class)
          .withMessageContaining("sendmsg: Broken pipe");
    }
  }

  @Test
  void closingWhileAnotherThreadReceivesGivesTheDescriptorBackAfterwards() throws Exception {
    UnixSocket.Pair pair = UnixSocket.pair();
    Receiver receiver = pair.right().receiver(8);
    CompletableFuture<Integer> count = elsewhere(() -> receiver.receive(0, 8, new ArrayList<>()));
    pair.close();
    assertThat(count.handle((n, thrown) -> thrown == null ? n : 0).get(10, TimeUnit.SECONDS))
        .isZero();
  }

  @Test
  void aListenerTakesConnectionsAndLeavesNoSocketBehind() throws Exception {
    Path path = folder.resolve("s");
    try (UnixListener listener = UnixListener.listen(path)) {
      for (int i = 0; i < 3; i++) {
        try (UnixSocket client = UnixSocket.connect(path);
            UnixSocket server = listener.accept().orElseThrow()) {
          client.send(bytes("ping"), List.of());
          Receiver receiver = server.receiver(8);
          assertThat(receiver.receive(0, 8, new ArrayList<>())).isEqualTo(4);
        }
      }
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void closingAListenerEndsTheWaiting() throws Exception {
    UnixListener listener = UnixListener.listen(folder.resolve("s"));
    CompletableFuture<Optional<UnixSocket>> accepted = elsewhere(listener::accept);
    listener.close();
    assertThat(accepted.get(10, TimeUnit.SECONDS)).isEmpty();
    assertThat(listener.accept()).isEmpty();
  }

  @Test
  void aSocketThatADeadProcessLeftIsReplacedAndALiveOneIsNot() throws IOException {
    Path path = folder.resolve("s");
    Fd dead = UnixSocket.create(0);
    try (Arena arena = Arena.ofConfined()) {
      int outcome =
          SocketCalls.bind(dead.enter(), AddressLayout.of(path, arena), AddressLayout.LENGTH);
      assertThat(outcome).isZero();
      dead.leave();
    }
    dead.close();
    assertThat(path).exists();

    try (UnixListener listener = UnixListener.listen(path)) {
      assertThatThrownBy(() -> UnixListener.listen(path))
          .isInstanceOfSatisfying(
              SyscallException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
          .hasMessage("bind " + path + ": Address already in use");
      try (UnixSocket client = UnixSocket.connect(path)) {
        listener.accept().orElseThrow().close();
        assertThat(client.fd().isOpen()).isTrue();
      }
    }
  }

  @Test
  void aUsersFileIsNeverReplaced() throws IOException {
    Path path = Files.writeString(folder.resolve("s"), "precious");
    assertThatThrownBy(() -> UnixListener.listen(path)).hasMessageContaining("already in use");
    assertThat(path).hasContent("precious");
    Path link = Files.createSymbolicLink(folder.resolve("link"), path);
    assertThatThrownBy(() -> UnixListener.listen(link)).hasMessageContaining("already in use");
    assertThat(link).isSymbolicLink();
  }

  @Test
  void aSocketThatSomebodyElsePutThereStays() throws IOException {
    Path path = folder.resolve("s");
    UnixListener first = UnixListener.listen(path);
    Files.delete(path);
    try (UnixListener second = UnixListener.listen(path)) {
      first.close();
      assertThat(second.path()).exists();
    }
  }

  @Test
  void pathsThatCannotBeAreExplained() {
    Path deep = folder.resolve("x".repeat(120));
    assertThatThrownBy(() -> UnixListener.listen(deep))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the system takes 1 to 107");
    assertThatThrownBy(() -> UnixListener.listen(folder.resolve("no/folder")))
        .hasMessageEndingWith("No such file or directory");
    assertThatThrownBy(() -> UnixSocket.connect(folder.resolve("nobody")))
        .hasMessageEndingWith("nobody: No such file or directory");
  }

  @Test
  void onlyAConnectedStreamSocketIsInherited() throws IOException {
    assertThatThrownBy(() -> UnixSocket.inherit(987_654))
        .isInstanceOf(SyscallException.class)
        .hasMessage("getsockopt of fd 987654: Bad file descriptor");
    try (UnixListener listener = UnixListener.listen(folder.resolve("s"))) {
      assertThatThrownBy(() -> UnixSocket.inherit(listener.fd().enter()))
          .hasMessageEndingWith("listens; a connected socket is needed");
      listener.fd().leave();
    }
    try (Fd file = MemoryFile.create("file", 1)) {
      assertThatThrownBy(() -> UnixSocket.inherit(file.enter()))
          .hasMessageContaining("Socket operation on non-socket");
      file.leave();
    }
  }

  @Test
  void whatIsNoSocketIsRefusedAndClosed() throws IOException {
    Fd file = MemoryFile.create("file", 1);
    assertThatThrownBy(() -> UnixSocket.adopt(file)).isInstanceOf(IOException.class);
    assertThat(file.isOpen()).isFalse();
  }
}
