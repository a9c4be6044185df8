package aperture.console;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.FaultInfo;
import aperture.console.line.Command;
import aperture.console.line.CommandTable;
import aperture.console.reference.Results;
import jakarta.json.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Commands answer with the records that the reference says. */
class JsonFieldsTest {

  private static final List<String> LIVE = List.of("arch", "aperture"); // need a framework
  private static final String THREAD = "policy:thread"; // needs an engine: ThreadCommandTest

  static List<Command> commands() {
    return CommandTable.all().stream()
        .filter(command -> command.json() && !LIVE.contains(command.scope()))
        .filter(command -> !command.name().equals(THREAD))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aDocumentHasTheFieldsOfTheReference(Command command, @TempDir Path folder) throws Exception {
    Files.write(folder.resolve("disk.img"), new byte[512]);
    Results.Result expected = Results.of(command.name()).orElseThrow();
    try (ShellRig shell = new ShellRig(folder)) {
      shell.controls.faults.add(
          new FaultInfo("m0", "d0", "00:01.0", "0x9000", "r", "k", "0x6", "t", "", "", 2));
      shell.run(
          "machine:create m0 toy-1",
          "device:add m0 blk --id d0 --file disk.img",
          "driver:bind d0 K2",
          "driver:io d0",
          "vhost:serve blk --name blk0 --socket-path s --blk-file disk.img",
          "dma:capture m0 captures/a",
          "dma:capture m0 captures/b");

      JsonValue document = shell.json(example(command) + " --json");

      assertThat(document instanceof jakarta.json.JsonArray).isEqualTo(expected.many());
      JsonValue record = expected.many() ? document.asJsonArray().getFirst() : document;
      assertThat(record.asJsonObject().keySet()).containsExactlyElementsOf(expected.names());
    }
  }

  /** Its example, about what there is here and not yet there. */
  private static String example(Command command) {
    return command
        .example()
        .replace(" --json", "")
        .replace(
            "machine:create m0 pc-q35-7.2 --memory 64M --iommu intel-vtd",
            "machine:create m1 toy-1")
        .replace(
            "dma:capture blk0 captures/guest --qmp /tmp/qmp.sock --iommu intel-vtd",
            "dma:capture m0 captures/c")
        .replace("--driver K1b,K2", "--driver K2")
        .replace("--id d0", "--id d1");
  }
}
