import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Runs google-java-format once over the sources of every module.
 *
 * <p>Usage: {@code Format check|fix ROOT REPORT [MODULE]}. {@code fix} rewrites the sources; {@code
 * check} names those that are not formatted, and leaves the file REPORT behind if there is one.
 */
final class Format {
  public static void main(String[] args) throws IOException {
    boolean fix = args[0].equals("fix");
    Path root = Path.of(args[1]).toAbsolutePath().normalize();
    Path report = Path.of(args[2]);
    String module = args.length > 3 ? args[3] : "";

    Files.deleteIfExists(report);
    List<String> sources = sources(root, module);
    if (sources.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>();
    command.addAll(fix ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    command.addAll(sources);

    ToolProvider formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(names, true, StandardCharsets.UTF_8);
    if (formatter.run(out, System.err, command.toArray(String[]::new)) == 0) {
      return;
    }
    List<String> unformatted =
        names
            .toString(StandardCharsets.UTF_8)
            .lines()
            .map(name -> root.relativize(Path.of(name)).toString())
            .toList();
    unformatted.forEach(name -> System.err.println("Not formatted: " + name));
    Files.write(report, unformatted);
  }

  /** Every Java file below {@code src} of one or all modules, and of {@code tools}. */
  private static List<String> sources(Path root, String module) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> children = Files.list(root)) {
      for (Path child : children.sorted().toList()) {
        Path below = child.endsWith("tools") ? child : child.resolve("src");
        if (!Files.isDirectory(below) || !(module.isEmpty() || child.endsWith(module))) {
          continue;
        }
        try (Stream<Path> files = Files.walk(below)) {
          files.filter(f -> f.toString().endsWith(".java")).map(Path::toString).forEach(found::add);
        }
      }
    }
    return found;
  }
}
