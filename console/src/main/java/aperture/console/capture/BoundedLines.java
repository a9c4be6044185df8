package aperture.console.capture;

import aperture.admin.ControlException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads lines of a bounded length. */
final class BoundedLines {

  private final InputStream bytes;
  private final byte[] line;
  private final String file;
  private long number;
  private String text = "";

  BoundedLines(InputStream bytes, int most, String file) {
    this.bytes = new BufferedInputStream(bytes);
    this.line = new byte[most];
    this.file = file;
  }

  /** Goes on to the next line; false at the end. */
  boolean next() throws IOException, ControlException {
    int length = 0;
    number++;
    int read = bytes.read();
    if (read < 0) {
      return false;
    }
    while (read >= 0 && read != '\n') {
      if (length == line.length) {
        throw problem("longer than %d bytes".formatted(line.length));
      }
      line[length++] = (byte) read;
      read = bytes.read();
    }
    text = new String(line, 0, length, StandardCharsets.UTF_8);
    return true;
  }

  String text() {
    return text;
  }

  long number() {
    return number;
  }

  ControlException problem(String what) {
    return ControlException.failed("%s, line %d: %s".formatted(file, number, what));
  }
}
