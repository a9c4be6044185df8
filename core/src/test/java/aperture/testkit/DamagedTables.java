package aperture.testkit;

import aperture.memory.GuestMemory;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * Words of a guest's memory that are not zero, which are its tables where buffers hold nothing, and
 * what a device that may write them makes of them: knots, pointers to anywhere, noise.
 */
final class DamagedTables {

  private static final int WORD = 8;
  private static final long PAGE = 4096;

  private final GuestMemory memory;

  /** Their host offsets. */
  private final long[] words;

  private DamagedTables(GuestMemory memory, long[] words) {
    this.memory = memory;
    this.words = words;
  }

  static DamagedTables of(GuestMemory memory) {
    return new DamagedTables(
        memory,
        LongStream.iterate(0, at -> at < memory.size(), at -> at + WORD)
            .filter(at -> memory.getLe64(at) != 0)
            .toArray());
  }

  int count() {
    return words.length;
  }

  /** Damages some of them. */
  void damage(Random random, int times) {
    for (int i = 0; i < times; i++) {
      long word = any(random);
      long old = memory.getLe64(word);
      long value =
          switch (random.nextInt(4)) {
            case 0 -> memory.getLe64(any(random));
            case 1 -> old ^ 1L << random.nextInt(Long.SIZE);
            case 2 -> old + (random.nextInt(64) - 32) * PAGE;
            default -> random.nextLong();
          };
      memory.putLe64(word, value);
    }
  }

  private long any(Random random) {
    return words[random.nextInt(words.length)];
  }
}
