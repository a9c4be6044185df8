package aperture.itest.guest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A command line that a program types to; it must have a command {@code echo}. */
final class Prompt {

  private static final String MARK = "@@@@";

  private final OutputStream keyboard;
  private final ProcessOutput output;
  private final Duration limit;
  private int commands;

  /**
   * A command line.
   *
   * @param limit for each command
   */
  Prompt(Process process, ProcessOutput output, Duration limit) {
    this.keyboard = process.getOutputStream();
    this.output = output;
    this.limit = limit;
  }

  /** Runs a command and returns what it printed; where typing is echoed, the echo too. */
  List<String> run(String command) throws IOException, InterruptedException {
    String mark = MARK + commands++;
    type(command + "\necho " + mark + "\n");
    List<String> printed = new ArrayList<>();
    output.await(
        "end of " + command,
        line -> {
          if (line.strip().equals(mark)) {
            return Optional.of(line);
          }
          printed.add(line);
          return Optional.empty();
        },
        limit);
    return printed;
  }

  void type(String text) throws IOException {
    keyboard.write(text.getBytes(StandardCharsets.UTF_8));
    keyboard.flush();
  }
}
