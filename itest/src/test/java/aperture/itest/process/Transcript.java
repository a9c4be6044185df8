package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonStructure;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Many commands in one start, and what each printed: a batch separates them with a line that no
 * command prints.
 */
final class Transcript {

  private static final String MARK = "@@@@";

  private final List<String> commands;
  private final List<String> outputs;
  private final Result result;

  private Transcript(List<String> commands, List<String> outputs, Result result) {
    this.commands = commands;
    this.outputs = outputs;
    this.result = result;
  }

  static Transcript of(Script script, List<String> commands) throws Exception {
    StringBuilder batch = new StringBuilder();
    for (String command : commands) {
      batch.append("echo ").append(MARK).append("\n").append(command).append("\n");
    }
    Result result = script.run("-c", batch.toString());
    String[] parts = result.out().split(Pattern.quote(MARK) + "\n", -1);
    List<String> outputs = new ArrayList<>(List.of(parts));
    outputs.removeFirst();
    return new Transcript(commands, outputs, result);
  }

  Result result() {
    return result;
  }

  /** What the first command that begins so printed. */
  String of(String beginning) {
    for (int i = 0; i < commands.size(); i++) {
      if (commands.get(i).startsWith(beginning)) {
        assertThat(outputs).as("%s was reached: %s", beginning, result).hasSizeGreaterThan(i);
        return outputs.get(i);
      }
    }
    throw new AssertionError("no command begins with " + beginning);
  }

  /** The one JSON document that the command printed. */
  JsonStructure json(String beginning) {
    return json(beginning, of(beginning));
  }

  static JsonStructure json(String what, String text) {
    assertThat(text.lines()).as("one document of " + what).hasSize(1);
    try (JsonReader reader = Json.createReader(new StringReader(text))) {
      return reader.read();
    }
  }

  JsonObject object(String beginning) {
    return json(beginning).asJsonObject();
  }

  /** An array of objects with at least one element; the first. */
  JsonObject first(String beginning) {
    List<JsonObject> all = json(beginning).asJsonArray().getValuesAs(JsonObject.class);
    assertThat(all).as(beginning).isNotEmpty();
    return all.getFirst();
  }
}
