package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonStructure;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The shipped console, typed to by a program: it serves disks, and audits every page that their
 * requests use. A command that fails fails the program.
 */
final class ServingConsole implements AutoCloseable {

  private static final Path SCRIPT =
      Path.of(System.getProperty("aperture.script")).toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Process process;
  private final ProcessOutput output;
  private final Prompt prompt;

  private ServingConsole(Process process) {
    this.process = process;
    this.output = new ProcessOutput(process.getInputStream(), "console");
    this.prompt = new Prompt(process, output, LIMIT);
  }

  /**
   * Starts it.
   *
   * @param folder its current folder, home and place for temporary files
   */
  static ServingConsole start(Path folder) throws IOException {
    ProcessBuilder builder = builder(folder);
    builder.environment().put("JDK_JAVA_OPTIONS", "-Daperture.vhost.audit=true");
    return new ServingConsole(Children.start(builder));
  }

  /** Starts it without the audit, which costs time for each page. */
  static ServingConsole startUnaudited(Path folder) throws IOException {
    return new ServingConsole(Children.start(builder(folder)));
  }

  /** The shipped script, in a folder. */
  static ProcessBuilder builder(Path folder, String... arguments) {
    List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("TMPDIR", folder.toString());
    return builder;
  }

  /** Runs a command and returns what it printed. */
  List<String> run(String command) throws Exception {
    return prompt.run(command);
  }

  JsonObject object(String command) throws Exception {
    return json(command).asJsonObject();
  }

  JsonArray array(String command) throws Exception {
    return json(command).asJsonArray();
  }

  /** Messages of the log may stand around the document, which is one line. */
  private JsonStructure json(String command) throws Exception {
    List<String> printed = run(command + " --json");
    List<String> documents =
        printed.stream().filter(line -> line.startsWith("{") || line.startsWith("[")).toList();
    assertThat(documents).as("%s printed %s", command, printed).hasSize(1);
    try (JsonReader reader = Json.createReader(new StringReader(documents.getFirst()))) {
      return reader.read();
    }
  }

  /** Serves an image; returns the socket. */
  Path serve(String name, Path image, String... options) throws Exception {
    return serve("blk", name, "--file " + image + " " + String.join(" ", options));
  }

  Path serve(String type, String name, String options) throws Exception {
    Path socket = Path.of(name + ".sock");
    JsonObject served =
        object(
            "vhost:serve %s --name %s --socket-path %s %s".formatted(type, name, socket, options));
    return Path.of(served.getJsonObject("server").getString("socket"));
  }

  ServedFacts show(String name) throws Exception {
    return new ServedFacts(object("vhost:show " + name));
  }

  /** Ends it in order: every device is gone, and nothing was wrong. */
  void leave() throws Exception {
    prompt.type("exit\n");
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("it ended").isTrue();
    assertThat(process.exitValue()).as(output.tail()).isZero();
    assertThat(output.lines()).noneMatch(line -> line.contains("ERROR"));
  }

  @Override
  public void close() {
    Children.end(process);
  }
}
