package aperture.console.reference;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Sizes of pages, in words. */
final class ByteSizes {

  private static final List<String> UNITS = List.of("bytes", "KiB", "MiB", "GiB", "TiB", "PiB");
  private static final int UNIT_SHIFT = 10;
  private static final int SHORTEST_RUN = 4;

  private ByteSizes() {}

  /** All of them in order; many that follow each other as a range. */
  static String text(Collection<Long> sizes) {
    List<Long> sorted = sizes.stream().sorted().toList();
    List<String> words = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      int last = i;
      while (last + 1 < sorted.size() && sorted.get(last + 1) == 2 * sorted.get(last)) {
        last++;
      }
      if (last - i + 1 >= SHORTEST_RUN) {
        words.add(
            "any power of two from %s to %s"
                .formatted(text(sorted.get(i)), text(sorted.get(last))));
        i = last;
      } else {
        words.add(text(sorted.get(i)));
      }
    }
    return String.join(", ", words);
  }

  private static String text(long size) {
    int unit = 0;
    long left = size;
    while (left % (1 << UNIT_SHIFT) == 0 && unit < UNITS.size() - 1) {
      left >>>= UNIT_SHIFT;
      unit++;
    }
    return left + " " + UNITS.get(unit);
  }
}
