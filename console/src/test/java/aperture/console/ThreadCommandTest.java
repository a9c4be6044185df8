package aperture.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.console.command.CommandFailure;
import aperture.console.reference.Results;
import aperture.console.thread.Claim;
import aperture.console.thread.ThreadCase;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code policy:thread} where nothing that it needs is there: shown all the same, with code 3. */
class ThreadCommandTest {

  @TempDir private Path folder;
  private ShellRig shell;

  @BeforeEach
  void start() {
    shell = new ShellRig(folder);
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  @Test
  void whatIsMissingIsShownAndTheCodeSaysSo() {
    assertThatThrownBy(() -> shell.run("policy:thread"))
        .isInstanceOfSatisfying(CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .message()
        .contains("19 of 19 rows could not be tried in full: R1, R1b, R2");
    assertThat(shell.printed())
        .contains("R5b: old kernel, new QEMU, a translating IOMMU")
        .contains("NOT TRIED IN FULL")
        .contains("machine type pc-q35-7.2 is not present");
  }

  @Test
  void jsonIsOneArrayWithStableFields() {
    assertThatThrownBy(() -> shell.run("policy:thread --json")).isInstanceOf(CommandFailure.class);

    JsonArray rows;
    try (var reader = Json.createReader(new StringReader(shell.printed()))) {
      rows = reader.readArray();
    }
    JsonObject row = rows.getJsonObject(0);
    assertThat(rows).hasSize(19);
    assertThat(row.keySet())
        .containsExactlyElementsOf(Results.of("policy:thread").orElseThrow().names());
    assertThat(row.getJsonArray("claims").getJsonObject(0).keySet())
        .containsExactlyElementsOf(names(Claim.class));
    assertThat(row.getJsonArray("cases").getJsonObject(0).keySet())
        .containsExactlyElementsOf(names(ThreadCase.class));
    assertThat(row.getJsonArray("cases").getJsonObject(0).getString("outcome")).isEqualTo("absent");
    assertThat(row.getBoolean("agrees")).isFalse();
  }

  private static List<String> names(Class<?> record) {
    return Arrays.stream(record.getRecordComponents()).map(RecordComponent::getName).toList();
  }
}
