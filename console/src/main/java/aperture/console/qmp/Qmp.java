package aperture.console.qmp;

import aperture.admin.ControlException;
import aperture.console.json.JsonLibrary;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** One connection to QEMU's control socket: a command, then its answer. */
public final class Qmp implements AutoCloseable {

  /** Between a command and its answer QEMU may tell of so many events. */
  private static final int MOST_EVENTS = 10_000;

  private static final int MOST_TEXT = 200;

  private static final String RETURN = "return";
  private static final String ERROR = "error";

  private final Path socket;
  private final Duration limit;
  private final QmpLines lines;

  private Qmp(Path socket, Duration limit, QmpLines lines) {
    this.socket = socket;
    this.limit = limit;
    this.lines = lines;
  }

  /**
   * Connects.
   *
   * @param limit for each answer
   * @throws ControlException of kind usage when nobody listens there
   */
  public static Qmp connect(Path socket, Duration limit) throws ControlException {
    QmpLines lines;
    try {
      lines = QmpLines.connect(socket);
    } catch (IOException | RuntimeException e) {
      throw new ControlException(
          ControlException.Kind.USAGE,
          "%s: nobody listens as -qmp unix:%<s,server=on,wait=off would: %s"
              .formatted(socket, e.getMessage()),
          e);
    }
    Qmp qmp = new Qmp(socket, limit, lines);
    try {
      qmp.greeted();
      JsonValue ignored = qmp.run("qmp_capabilities");
      return qmp;
    } catch (ControlException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  private void greeted() throws ControlException {
    JsonObject greeting = next("a greeting; is another client connected?");
    if (!greeting.containsKey("QMP")) {
      throw problem("greets with %s, which QMP does not".formatted(brief(greeting)));
    }
  }

  /** Runs a command without arguments. */
  public JsonValue run(String command) throws ControlException {
    return run(command, Map.of());
  }

  /**
   * Runs a command.
   *
   * @return what it returns
   * @throws ControlException with QEMU's own words when it refuses
   */
  public JsonValue run(String command, Map<String, String> arguments) throws ControlException {
    JsonObject answer = exchange(command, arguments);
    JsonValue value = answer.get(RETURN);
    if (value == null) {
      throw problem("refuses %s: %s".formatted(command, reason(answer)));
    }
    return value;
  }

  /** Runs a command that QEMU may refuse: empty when it does. */
  public Optional<JsonValue> maybe(String command, Map<String, String> arguments)
      throws ControlException {
    return Optional.ofNullable(exchange(command, arguments).get(RETURN));
  }

  /** A property of one of QEMU's objects; null of JSON's kind when it has none such. */
  JsonValue property(String path, String name) throws ControlException {
    return maybe("qom-get", Map.of("path", path, "property", name)).orElse(JsonValue.NULL);
  }

  /** The same as text; empty when it is none. */
  String text(String path, String name) throws ControlException {
    return property(path, name) instanceof JsonString text ? text.getString() : "";
  }

  private JsonObject exchange(String command, Map<String, String> arguments)
      throws ControlException {
    var request = JsonLibrary.provider().createObjectBuilder().add("execute", command);
    if (!arguments.isEmpty()) {
      var values = JsonLibrary.provider().createObjectBuilder();
      arguments.forEach(values::add);
      request.add("arguments", values);
    }
    try {
      lines.send(request.build().toString(), limit);
    } catch (IOException e) {
      throw failed("does not take " + command, e);
    }
    for (int event = 0; event < MOST_EVENTS; event++) {
      JsonObject answer = next("an answer to " + command);
      if (answer.containsKey(ERROR) || answer.containsKey(RETURN)) {
        return answer;
      }
      if (!answer.containsKey("event")) {
        throw problem("answers %s with %s".formatted(command, brief(answer)));
      }
    }
    throw problem("tells of %d events instead of answering %s".formatted(MOST_EVENTS, command));
  }

  private static String reason(JsonObject answer) {
    return answer.get(ERROR) instanceof JsonObject error
            && error.containsKey("desc")
            && error.get("desc").getValueType() == JsonValue.ValueType.STRING
        ? brief(error.getString("desc"))
        : brief(answer);
  }

  private JsonObject next(String what) throws ControlException {
    String line;
    try {
      line = lines.next(limit);
    } catch (SocketTimeoutException e) {
      throw failed("has not given %s within %d ms".formatted(what, limit.toMillis()), e);
    } catch (IOException e) {
      throw failed("has not given " + what, e);
    }
    try (JsonReader reader = JsonLibrary.provider().createReader(new StringReader(line))) {
      return reader.readObject();
    } catch (RuntimeException e) {
      // Not only a JsonException: what is nested too deeply is refused by another.
      throw problem("says what is no JSON object: " + brief(line));
    }
  }

  /** A failure that names the socket. */
  ControlException problem(String what) {
    return ControlException.failed("%s %s".formatted(socket, what));
  }

  private ControlException failed(String what, IOException e) {
    return new ControlException(
        ControlException.Kind.FAILED, "%s %s: %s".formatted(socket, what, e.getMessage()), e);
  }

  static String brief(Object value) {
    String text = value.toString();
    return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "...";
  }

  @Override
  public void close() {
    lines.close();
  }
}
