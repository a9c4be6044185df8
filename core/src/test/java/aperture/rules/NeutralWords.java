package aperture.rules;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds names of architectures, machines and vendors in the text and the paths of sources. Whole
 * words count, in any case, and so do the parts of compound identifiers. "Arm" is not among them:
 * timers and events are armed.
 */
final class NeutralWords {
  static final List<String> WORDS =
      List.of(
          "x86", "x86_64", "amd64", "intel", "amd", "vtd", "vt-d", "amdvi", "amd-vi", "q35",
          "i440fx", "microvm", "ppc", "ppc64", "powerpc", "pseries", "powernv", "spapr", "tce",
          "liobn", "papr", "arm64", "aarch64", "armv8", "smmu", "smmuv3", "sparc", "sparc64",
          "sun4u", "sun4v", "tsb", "ia64", "xen", "s390", "phb", "riscv");

  private static final Pattern NAMES =
      Pattern.compile(
          "(?<![A-Za-z0-9_])(?:" + String.join("|", WORDS) + ")(?![A-Za-z0-9_])",
          Pattern.CASE_INSENSITIVE);

  /** Between the parts of an identifier: {@code fooBar}, {@code FOOBar}, {@code FOO_BAR}. */
  private static final Pattern HUMP =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_");

  private NeutralWords() {}

  /** The offending lines and paths below a folder, as {@code path:line: word}. */
  static List<String> offences(Path folder) throws IOException {
    List<String> offences = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> found = Files.walk(folder)) {
      files = found.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      Path path = folder.relativize(file);
      for (String word : find(path.toString())) {
        offences.add(path + ": " + word);
      }
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      int number = 0;
      for (String line : text.lines().toList()) {
        number++;
        for (String word : find(line)) {
          offences.add(path + ":" + number + ": " + word);
        }
      }
    }
    return offences;
  }

  /** The words found in a line. */
  static List<String> find(String line) {
    List<String> words = new ArrayList<>();
    Matcher whole = NAMES.matcher(line);
    while (whole.find()) {
      words.add(whole.group());
    }
    if (words.isEmpty()) {
      Matcher parts = NAMES.matcher(HUMP.matcher(line).replaceAll(" "));
      while (parts.find()) {
        words.add(parts.group());
      }
    }
    return words;
  }
}
