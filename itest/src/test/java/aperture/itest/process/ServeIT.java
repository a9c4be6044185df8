package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The back end as management software meets it: a program, its options, its ends. */
class ServeIT {

  private static final Path LAUNCHER =
      Path.of(System.getProperty("aperture.script")).toAbsolutePath().normalize().getParent();
  private static final Path DESCRIPTOR =
      LAUNCHER.resolve("target/aperture/share/qemu/vhost-user/50-aperture-blk.json");
  private static final long SOON_SECONDS = 15;

  private static final int HEADER = 12;
  private static final int REQUEST = 1;
  private static final int REPLY = 5;
  private static final int GET_FEATURES = 1;
  private static final long VERSION_1 = 1L << 32;

  @TempDir Path world;

  @Test
  void itStaysInTheForegroundSaysWhenItIsReadyAndEndsSoonAfterTerm() throws Exception {
    Script script = new Script(world);
    script.image("disk.img", 1 << 20);
    Process process =
        script.start(
            "serve",
            "blk",
            "--socket-path=d.sock",
            "--blk-file=disk.img",
            "--machine",
            "pc-q35-7.2",
            "--access-platform",
            "on",
            "--num-queues",
            "2");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine())
          .startsWith("ready: qemu-system-x86_64 ")
          .contains(
              "-machine pc-q35-7.2,memory-backend=mem",
              "path=" + world.resolve("d.sock"),
              "num-queues=2",
              "iommu_platform=on");
      try (SocketChannel front = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        assertThat(front.connect(UnixDomainSocketAddress.of(world.resolve("d.sock")))).isTrue();
        process.toHandle().destroy();
        assertThat(process.waitFor(SOON_SECONDS, TimeUnit.SECONDS)).as("it ended").isTrue();
      }
      assertThat(process.exitValue()).isZero();
      assertThat(out.readLine()).as("nothing but the line").isNull();
    } finally {
      process.destroyForcibly();
    }
    assertThat(world.resolve("d.sock")).as("the socket is its own to remove").doesNotExist();
    assertThat(script.leftovers()).isEmpty();
  }

  @Test
  void whatIsWrongIsOneLineAndACode() throws Exception {
    Script script = new Script(world);
    script.image("disk.img", 1 << 20);
    assertThat(script.run("serve", "blk", "--blk-file", "disk.img").expect(2).err())
        .contains("--socket-path is missing")
        .hasLineCount(1);
    assertThat(script.run("serve", "blkk", "--socket-path", "s").expect(2).err())
        .contains("did you mean 'blk'?");
    assertThat(
            script.run("serve", "blk", "--socket-path", "s", "--store", "memroy").expect(2).err())
        .contains("did you mean 'memory'?");
    assertThat(
            script
                .run("serve", "blk", "--socket-path", "no/such/s", "--blk-file", "disk.img")
                .expect(4)
                .err())
        .contains("no/such/s")
        .hasLineCount(1);
    assertThat(script.run("serve", "--help").expect(0).out())
        .contains("--socket-path", "--fd", "--print-capabilities", "example:");
  }

  @Test
  void managementSoftwareFindsTheProgramAndItsCapabilities() throws Exception {
    JsonObject descriptor = json(Files.readString(DESCRIPTOR));
    assertThat(descriptor.getString("type")).isEqualTo("block");
    assertThat(descriptor.keySet())
        .containsExactlyInAnyOrder("description", "type", "binary", "tags");
    Path binary = Path.of(descriptor.getString("binary"));
    assertThat(binary).isAbsolute().isExecutable();

    ProcessBuilder builder = new ProcessBuilder(binary.toString(), "--print-capabilities");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Result result = Script.end(builder.start(), "");

    JsonObject capabilities = json(result.expect(0).out());
    assertThat(capabilities.getString("type")).isEqualTo("block");
    assertThat(
            capabilities.getJsonArray("features").stream().map(value -> value.toString()).toList())
        .isEqualTo(List.of("\"blk-file\"", "\"read-only\""));
  }

  /**
   * Accepts a connection on the path that is its first argument, and becomes the program that
   * follows, which inherits the connection.
   */
  private static final String HEIR =
      """
      use Socket;
      my ($path, @program) = @ARGV;
      socket(my $door, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
      bind($door, sockaddr_un($path)) or die "bind: $!";
      listen($door, 1) or die "listen: $!";
      print "listening\\n";
      STDOUT->flush();
      $^F = 255;
      accept(my $connection, $door) or die "accept: $!";
      exec(@program, "--fd=" . fileno($connection)) or die "exec: $!";
      """;

  @ParameterizedTest
  @ValueSource(strings = {"aperture serve blk", "aperture-blk"})
  void aConnectionThatTheProgramIsStartedWithIsServedUntilItEnds(String program) throws Exception {
    Script script = new Script(world);
    script.image("disk.img", 1 << 20);
    List<String> words = List.of(program.split(" "));
    Path door = world.resolve("door.sock");
    List<String> command = new ArrayList<>(List.of("perl", "-MIO::Handle", "-e", HEIR));
    command.add(door.toString());
    command.add(LAUNCHER.resolve(words.getFirst()).toString());
    command.addAll(words.subList(1, words.size()));
    command.add("--blk-file=disk.img");
    Process process = script.start(command);
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        SocketChannel front = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      assertThat(out.readLine()).isEqualTo("listening");
      front.connect(UnixDomainSocketAddress.of(door));
      assertThat(out.readLine()).matches("ready: blk on fd \\d+");
      assertThat(features(front) & VERSION_1).isNotZero();
      front.shutdownOutput();
      assertThat(process.waitFor(SOON_SECONDS, TimeUnit.SECONDS)).as("it ended").isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
    assertThat(script.leftovers()).isEmpty();
  }

  /** Asks as a front end does first of all. */
  private static long features(SocketChannel front) throws IOException {
    front.write(message(GET_FEATURES, REQUEST, 0));
    ByteBuffer answer = ByteBuffer.allocate(HEADER + Long.BYTES).order(ByteOrder.nativeOrder());
    while (answer.hasRemaining()) {
      assertThat(front.read(answer)).as("bytes of the answer").isPositive();
    }
    answer.flip();
    byte[] header = new byte[HEADER];
    answer.get(header);
    assertThat(header).isEqualTo(message(GET_FEATURES, REPLY, Long.BYTES).array());
    return answer.getLong();
  }

  private static ByteBuffer message(int request, int flags, int size) {
    return ByteBuffer.allocate(HEADER)
        .order(ByteOrder.nativeOrder())
        .putInt(request)
        .putInt(flags)
        .putInt(size)
        .flip();
  }

  @Test
  void aDescriptorThatIsNoConnectionIsOneLineAndACode() throws Exception {
    Script script = new Script(world);
    script.image("disk.img", 1 << 20);
    assertThat(script.run("serve", "blk", "--fd", "0", "--blk-file", "disk.img").expect(4).err())
        .contains("fd 0")
        .hasLineCount(1);
  }

  private static JsonObject json(String text) {
    try (var reader = Json.createReader(new StringReader(text))) {
      return reader.readObject();
    }
  }
}
