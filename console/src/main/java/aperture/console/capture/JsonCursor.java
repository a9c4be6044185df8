package aperture.console.capture;

import aperture.admin.ControlException;
import aperture.console.json.JsonLibrary;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParsingException;
import java.io.Reader;
import java.util.NoSuchElementException;

/** Reads a JSON text token by token, and says file and line of whatever does not fit. */
final class JsonCursor implements AutoCloseable {

  private final JsonParser parser;
  private final String file;
  private final long firstLine;
  private Event current = Event.START_OBJECT;

  /**
   * @param file its name in messages
   * @param firstLine number of the text's first line within the file
   */
  JsonCursor(Reader text, String file, long firstLine) {
    this.parser = JsonLibrary.provider().createParser(text);
    this.file = file;
    this.firstLine = firstLine;
  }

  /** The complaint about what was read last. */
  ControlException problem(String what) {
    return problem(parser.getLocation().getLineNumber(), what);
  }

  private ControlException problem(long line, String what) {
    return ControlException.failed("%s, line %d: %s".formatted(file, firstLine + line - 1, what));
  }

  /** Goes on to the next token. */
  Event next() throws ControlException {
    try {
      current = parser.next();
      return current;
    } catch (JsonParsingException e) {
      throw problem(e.getLocation().getLineNumber(), "not JSON: " + brief(e));
    } catch (JsonException e) {
      throw problem("cannot be read: " + brief(e));
    } catch (NoSuchElementException | IllegalStateException e) {
      throw problem("not JSON: the text ends early");
    }
  }

  /** Only the first sentence of the library's message, and none of its lines. */
  private static String brief(JsonException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf(" at (");
    String first = (end < 0 ? message : message.substring(0, end)).replace('\n', ' ');
    return first.length() > 120 ? first.substring(0, 120) + "..." : first;
  }

  void expect(Event wanted, String what) throws ControlException {
    if (next() != wanted) {
      throw problem(what + " must be " + word(wanted) + ", not " + word(current));
    }
  }

  /** Nothing may follow the document. */
  void expectEnd() throws ControlException {
    try {
      if (parser.hasNext()) {
        throw problem("something follows the end of the document");
      }
    } catch (JsonException e) {
      throw problem("something follows the end of the document");
    }
  }

  /** The next field's name, or empty at the end of the object. */
  String fieldOrEnd() throws ControlException {
    if (next() == Event.END_OBJECT) {
      return "";
    }
    String name = bounded(parser.getString(), "a field's name");
    if (name.isEmpty()) {
      throw problem("a field has no name");
    }
    return name;
  }

  /** A string. */
  String text(String what) throws ControlException {
    expect(Event.VALUE_STRING, what);
    return bounded(parser.getString(), what);
  }

  /** A scalar as text, however it is written; what has parts gives the empty text. */
  String scalar(String what) throws ControlException {
    return switch (next()) {
      case VALUE_STRING, VALUE_NUMBER -> bounded(parser.getString(), what);
      case VALUE_TRUE -> "true";
      case VALUE_FALSE -> "false";
      case START_OBJECT, START_ARRAY -> {
        skipOpened();
        yield "";
      }
      default -> "";
    };
  }

  boolean truth(String what) throws ControlException {
    Event event = next();
    if (event != Event.VALUE_TRUE && event != Event.VALUE_FALSE) {
      throw problem(what + " must be true or false, not " + word(event));
    }
    return event == Event.VALUE_TRUE;
  }

  /** A 64-bit number: a string with 0x and hexadecimal digits, or a decimal number. */
  long number(String what) throws ControlException {
    next();
    return currentNumber(what);
  }

  /** As {@link #number}, of the token that was read last. */
  long currentNumber(String what) throws ControlException {
    if (current != Event.VALUE_STRING && current != Event.VALUE_NUMBER) {
      throw problem(what + " must be a number, not " + word(current));
    }
    String digits = bounded(parser.getString(), what);
    try {
      return CaptureNumbers.parse(digits);
    } catch (NumberFormatException e) {
      throw problem("%s '%s' is no 64-bit number".formatted(what, brief(digits)));
    }
  }

  /** A number from 0 to a limit. */
  long number(String what, long limit) throws ControlException {
    long value = number(what);
    if (value < 0 || value > limit) {
      throw problem(
          "%s %s is out of range (0 to %d)".formatted(what, Long.toUnsignedString(value), limit));
    }
    return value;
  }

  /** Passes over the next value, whatever it is. */
  void skip() throws ControlException {
    Event event = next();
    if (event == Event.START_OBJECT || event == Event.START_ARRAY) {
      skipOpened();
    }
  }

  private void skipOpened() throws ControlException {
    int depth = 1;
    while (depth > 0) {
      switch (next()) {
        case START_OBJECT, START_ARRAY -> depth++;
        case END_OBJECT, END_ARRAY -> depth--;
        default -> {}
      }
      if (depth > CaptureLimits.DEPTH) {
        throw problem("nested too deep");
      }
    }
  }

  private String bounded(String value, String what) throws ControlException {
    if (value.length() > CaptureLimits.WORD) {
      throw problem(
          "%s has %d characters; at most %d are allowed"
              .formatted(what, value.length(), CaptureLimits.WORD));
    }
    return value;
  }

  static String brief(String value) {
    String line = value.replaceAll("\\p{Cntrl}", "?");
    return line.length() > 40 ? line.substring(0, 40) + "..." : line;
  }

  private static String word(Event event) {
    return switch (event) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NULL -> "null";
      case KEY_NAME -> "a field";
      case END_OBJECT, END_ARRAY -> "the end";
    };
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (JsonException e) {
      // What was read is whole; a text that cannot be closed takes nothing of it away.
    }
  }
}
