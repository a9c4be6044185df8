package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Copies of captures that are no longer what was recorded. */
final class CaptureDamage {

  private static final String STATE = "capture.json";
  private static final String PAGES = "pages.bin";
  private static final String ANSWERS = "truth.jsonl";

  /** An entry of a table that the platform keeps: nothing else is named by a number. */
  private static final Pattern PLATFORM_ENTRY =
      Pattern.compile("(\"\\d+\"\\s*:\\s*)\"0x[0-9a-fA-F]+\"");

  private static final Pattern GPA = Pattern.compile("(\"gpa\"\\s*:\\s*)\"0x([0-9a-f]+)\"");

  private CaptureDamage() {}

  /** The same questions of tables that are lost. */
  static Path ofTables(Path capture, Path copy) throws IOException {
    copy(capture, copy);
    byte[] pages = Files.readAllBytes(copy.resolve(PAGES));
    Files.write(copy.resolve(PAGES), new byte[pages.length]);
    String state = Files.readString(copy.resolve(STATE));
    String damaged = PLATFORM_ENTRY.matcher(state).replaceAll("$1\"0x0\"");
    Files.writeString(copy.resolve(STATE), damaged);
    assertThat(pages.length > 0 || !damaged.equals(state)).as("it had tables").isTrue();
    return copy;
  }

  /** One recorded answer is another page. */
  static Path ofAnswer(Path capture, Path copy) throws IOException {
    copy(capture, copy);
    List<String> lines = new ArrayList<>(Files.readAllLines(copy.resolve(ANSWERS)));
    for (int i = 0; i < lines.size(); i++) {
      Matcher gpa = GPA.matcher(lines.get(i));
      if (gpa.find()) {
        long other = Long.parseUnsignedLong(gpa.group(2), 16) ^ 0x10;
        lines.set(i, gpa.replaceFirst("$1\"0x" + Long.toHexString(other) + "\""));
        Files.write(copy.resolve(ANSWERS), lines);
        return copy;
      }
    }
    throw new AssertionError(capture + " has no answer that translates");
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (String file : List.of(STATE, PAGES, ANSWERS)) {
      assertThat(from.resolve(file)).exists();
      Files.copy(from.resolve(file), to.resolve(file));
    }
  }
}
