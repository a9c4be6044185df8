package aperture.benchmarks;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Linux guest under QEMU reads a disk of ours, and one of QEMU's own. The guests are those of the
 * integration tests, in a process of their own.
 */
final class GuestPart {

  private static final String PROGRAM = "aperture.itest.guest.GuestRates";
  private static final int PAIRS = 5;
  private static final int PAGES = 4000;
  private static final double MICROS = 1e6;

  private GuestPart() {}

  /**
   * Measures.
   *
   * @param root of the checkout, built
   * @throws IOException when QEMU, the guests or the laboratory are not there
   */
  static List<Ratio> measure(Path root) throws IOException, InterruptedException {
    return List.of(ratio(root, "x86 without IOMMU"), ratio(root, "x86 VT-d, strict"));
  }

  private static Ratio ratio(Path root, String line) throws IOException, InterruptedException {
    String[] rates = run(root, line).split(" ", -1);
    return new Ratio(
        "time per request in a guest, " + line,
        MICROS / Double.parseDouble(rates[0]),
        MICROS / Double.parseDouble(rates[1]),
        "us",
        0);
  }

  private static String run(Path root, String line) throws IOException, InterruptedException {
    Path itest = root.resolve("itest");
    Path laboratory = itest.resolve("target/laboratory");
    if (!Files.isDirectory(laboratory)) {
      throw new IOException("no " + laboratory + ": mvn -B -ntp -Dquick package");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Daperture.script=" + root.resolve("launcher/aperture"));
    command.add("-Daperture.guests=" + itest.resolve("guests"));
    command.addAll(List.of("-cp", laboratory + "/*", PROGRAM));
    command.addAll(List.of(line, Integer.toString(PAIRS), Integer.toString(PAGES)));
    Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException("guests did not run: itest/README.md, Real guests");
    }
    return printed;
  }
}
