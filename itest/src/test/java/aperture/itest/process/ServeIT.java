package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.StringReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The back end as management software meets it: a program, its options, its ends. */
class ServeIT {

  private static final Path LAUNCHER =
      Path.of(System.getProperty("aperture.script")).toAbsolutePath().normalize().getParent();
  private static final Path DESCRIPTOR =
      LAUNCHER.resolve("target/aperture/share/qemu/vhost-user/50-aperture-blk.json");
  private static final long SOON_SECONDS = 15;

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

  private static JsonObject json(String text) {
    try (var reader = Json.createReader(new StringReader(text))) {
      return reader.readObject();
    }
  }
}
