package aperture.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** The C program beside us: takes an order a line, answers with nanoseconds per operation. */
final class Peer implements AutoCloseable {

  private final Process process;
  private final BufferedWriter orders;
  private final BufferedReader answers;

  private Peer(Process process) {
    this.process = process;
    this.orders = process.outputWriter();
    this.answers = process.inputReader();
  }

  /**
   * Compiles and starts the program.
   *
   * @param source the C source
   * @param target where the binary goes
   * @throws IOException when there is no compiler, or it refuses
   */
  static Peer start(Path source, Path target) throws IOException, InterruptedException {
    Process compiler =
        new ProcessBuilder(List.of("gcc", "-O2", "-o", target.toString(), source.toString()))
            .inheritIO()
            .start();
    if (compiler.waitFor() != 0) {
      throw new IOException("gcc refused " + source);
    }
    return new Peer(
        new ProcessBuilder(target.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  double ask(String order) {
    try {
      orders.write(order);
      orders.newLine();
      orders.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new IOException("the C program ended at order: " + order);
      }
      return Double.parseDouble(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
