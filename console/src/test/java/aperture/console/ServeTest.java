package aperture.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.Setting;
import aperture.console.command.CommandFailure;
import aperture.vhostuser.VhostServeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeTest {

  @TempDir Path folder;
  private ShellRig shell;

  @BeforeEach
  void start() throws Exception {
    Files.write(folder.resolve("disk.img"), new byte[512]);
    shell = new ShellRig(folder);
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  @Test
  void serving_in_the_foreground_says_when_it_is_ready_and_waits_for_the_end() throws Exception {
    String text =
        shell.run(
            "aperture:serve blk --socket-path=d.sock --blk-file=disk.img --num-queues=2 --read-only"
                + " --access-platform on --machine toy-1 --unsafe");

    assertThat(text)
        .isEqualTo(
            "feature bit 33 (ACCESS_PLATFORM) is offered: device setting\nready: blk on "
                + folder.resolve("d.sock")
                + "\n");
    assertThat(shell.controls.vhost.awaited).isEqualTo("blk0");
    VhostServeSpec spec = shell.controls.vhost.specs.get("blk0");
    assertThat(spec.socketPath()).hasValue(folder.resolve("d.sock"));
    assertThat(spec.machineType()).isEqualTo(Optional.of("toy-1"));
    assertThat(spec.accessPlatform()).isEqualTo(Setting.ON);
    assertThat(spec.unsafe()).isTrue();
    assertThat(spec.options())
        .containsEntry("file", folder.resolve("disk.img").toString())
        .containsEntry("queues", "2")
        .containsEntry("read-only", "on")
        .hasSize(3);
  }

  @Test
  void without_a_machine_the_line_is_for_the_usual_one() throws Exception {
    assertThat(shell.run("aperture:serve blk --socket-path d.sock --blk-file disk.img"))
        .startsWith("feature bit 33 (ACCESS_PLATFORM) is not offered: ")
        .contains("\nready: qemu-system-x86_64 -m 1G ")
        .endsWith("-device vhost-user-blk-pci,chardev=c0,num-queues=1\n")
        .contains("path=" + folder.resolve("d.sock"))
        .hasLineCount(2);
  }

  @Test
  void a_connection_may_be_inherited() throws Exception {
    assertThat(shell.run("aperture:serve rng --fd 7")).endsWith("\nready: rng on fd 7\n");
    assertThat(shell.controls.vhost.specs.get("rng0").fd()).isEqualTo(OptionalInt.of(7));
  }

  @Test
  void capabilities_are_printed_whatever_else_the_line_says() throws Exception {
    assertThat(shell.run("aperture:serve blk --print-capabilities --socket-path /x --no-such"))
        .isEqualTo("{\"type\":\"block\",\"features\":[\"blk-file\",\"read-only\"]}");
    assertThat(shell.run("aperture:serve --print-capabilities rng"))
        .isEqualTo("{\"type\":\"rng\"}");
    assertThat(shell.controls.vhost.specs).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "aperture:serve | aperture:serve: TYPE is missing; usage: | 2",
        "aperture:serve blc --socket-path s | unknown device type 'blc'; did you mean 'blk'? | 2",
        "aperture:serve blk --blk-file disk.img | --socket-path is missing (or --fd | 2",
        "aperture:serve blk --blk-file disk.img --socket-path s --fd 3 | exclude each other | 2",
        "aperture:serve blk --socket-path s --blk-fil disk.img | did you mean '--blk-file'? | 2",
        "aperture:serve blk --socket-path s --blk-file dsk.img | did you mean 'disk.img'? | 2",
        "aperture:serve blk --socket-path s --blk-file disk.img --file disk.img | are the same | 2",
        "aperture:serve blk --socket-path s | device type blk needs --file | 2",
        "aperture:serve rng --socket-path s --num-queues 2 | of type rng takes no --num-queues | 2",
        "aperture:serve rng --fd x | --fd 'x' is no number | 2",
        "aperture:serve blk --socket-path s --blk-file disk.img --machine toy-2 | did you mean"
            + " 'toy-1'? | 2",
        "aperture:serve blk --socket-path /proc/s --blk-file disk.img | cannot bind /proc/s | 4",
        "aperture:serve --print-capabilities blc | did you mean 'blk'? | 2",
        "vhost:show blk0 | unknown server 'blk0'; there are none; vhost:serve makes one | 2",
        "vhost:stop blk0 | there are none | 2",
        "vhost:resize blk0 | there are none | 2"
      })
  void what_is_wrong_is_one_line_with_a_cure(String line, String message, int exitCode) {
    assertThatThrownBy(() -> shell.run(line))
        .isInstanceOfSatisfying(
            CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(exitCode))
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void in_the_console_servers_come_are_shown_and_go() throws Exception {
    assertThat(shell.run("vhost:list")).contains("nothing is served");
    assertThat(shell.run("vhost:serve blk --name d --socket-path d.sock --file disk.img"))
        .contains("qemu", "-device vhost-user-blk-pci,chardev=c0,num-queues=1");
    assertThat(shell.run("vhost:list")).contains("NAME", "d.sock", "listening");
    assertThat(shell.run("vhost:show d")).contains("ACCESS_PLATFORM", "MQ", "misses");
    assertThat(shell.run("vhost:resize d 8K")).contains("bytes  8192").contains("guest  is told");
    assertThat(shell.run("vhost:resize d --json"))
        .isEqualTo("{\"name\":\"d\",\"bytes\":4096,\"guest\":\"is told\"}");
    assertThatThrownBy(() -> shell.run("vhost:resize d 8X")).hasMessageContaining("SIZE '8X'");
    assertThat(shell.run("vhost:stop d")).contains("server d is gone");
    assertThat(shell.controls.vhost.specs).isEmpty();
  }
}
