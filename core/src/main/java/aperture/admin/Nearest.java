package aperture.admin;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the right word for a wrong one. */
public final class Nearest {

  private Nearest() {}

  /** The candidate that takes fewest edits, if it is near enough to be meant. */
  public static Optional<String> to(String word, Collection<String> candidates) {
    return candidates.stream()
        .min(Comparator.comparingInt((String c) -> distance(word, c)).thenComparing(c -> c))
        .filter(c -> distance(word, c) <= Math.max(2, word.length() / 2));
  }

  /**
   * One line for an unknown word.
   *
   * @param what what it should have been, for example {@code machine type}
   */
  public static String unknown(String what, String word, Collection<String> candidates) {
    if (candidates.isEmpty()) {
      return "unknown %s '%s'; there are none".formatted(what, word);
    }
    return to(word, candidates)
        .map(near -> "unknown %s '%s'; did you mean '%s'?".formatted(what, word, near))
        .orElseGet(() ->
            "unknown %s '%s'; known: %s"
                .formatted(
                    what,
                    word,
                    String.join(", ", candidates.stream().sorted().limit(12).toList())));
  }

  /** Levenshtein distance. */
  static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
