package aperture.itest.guest;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** QEMU's control socket: one connection for each command, answered within a deadline. */
final class Qmp {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Path socket;

  Qmp(Path socket) {
    this.socket = socket;
  }

  Path socket() {
    return socket;
  }

  /** Runs a command without arguments and waits until QEMU says that it is done. */
  void run(String command) throws Exception {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      FutureTask<Void> exchange = new FutureTask<>(() -> exchange(channel, command), null);
      Thread.ofPlatform().daemon().name("QMP " + command).start(exchange);
      exchange.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(
          "QEMU has not answered " + command + " within " + LIMIT.toSeconds() + " s", e);
    }
  }

  private static void exchange(SocketChannel channel, String command) {
    try {
      BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
      line(answers, command); // the greeting
      for (String each : new String[] {"qmp_capabilities", command}) {
        String request = Json.createObjectBuilder().add("execute", each).build() + "\n";
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
        awaitReturn(answers, each);
      }
    } catch (IOException e) {
      throw new AssertionError("QMP " + command, e);
    }
  }

  private static void awaitReturn(BufferedReader answers, String command) throws IOException {
    while (true) {
      JsonObject answer = line(answers, command);
      if (answer.containsKey("error")) {
        throw new AssertionError("QEMU refuses " + command + ": " + answer);
      }
      if (answer.containsKey("return")) {
        return;
      }
      // anything else is an event, which nobody waits for
    }
  }

  private static JsonObject line(BufferedReader answers, String command) throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("QEMU has ended the connection of " + command);
    }
    try (JsonReader reader = Json.createReader(new StringReader(line))) {
      return reader.readObject();
    }
  }
}
