package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/**
 * A disk image and what it must hold after the steps of a plan: the same steps that a guest does,
 * done on a copy. Whoever changes {@code itest/guests/init} changes this, or no test passes.
 */
final class ExpectedDisk {

  private static final int PAGE = 4096;
  private static final int SLOT = 65536;
  private static final int PAGES_OF_A_SLOT = SLOT / PAGE;
  private static final long STRIDE = 2654435761L;

  private final Path image;
  private final byte[] content;

  private ExpectedDisk(Path image, byte[] content) {
    this.image = image;
    this.content = content;
  }

  /** A new image of random content. */
  static ExpectedDisk random(Path image, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new SplittableRandom(bytes).nextBytes(content);
    Files.write(image, content);
    return new ExpectedDisk(image, content);
  }

  Path image() {
    return image;
  }

  /** What {@link Plan#write} does. */
  void write(long seed, int ranges) {
    int slots = content.length / SLOT;
    long state = seed;
    for (int i = 0; i < ranges; i++) {
      state = state * 1103515245 + 12345 & 0x7fffffff;
      long at = (seed & slots - 1) + i * STRIDE & slots - 1;
      int pages = 1 + (int) (state >> 8) % PAGES_OF_A_SLOT;
      int offset = (int) (at * SLOT + (state >> 16) % (PAGES_OF_A_SLOT + 1 - pages) * PAGE);
      fill(offset, pages * PAGE, "aperture " + seed + " " + offset + "\n");
    }
  }

  private void fill(int offset, int bytes, String line) {
    byte[] text = line.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < bytes; i++) {
      content[offset + i] = text[i % text.length];
    }
  }

  /** What {@link Plan#discard} does, where discarded ranges read as zeroes. */
  void discard(int offset, int bytes) {
    Arrays.fill(content, offset, offset + bytes, (byte) 0);
  }

  /** What was read there, written elsewhere. */
  void copy(int from, int to, int bytes) {
    System.arraycopy(content, from, content, to, bytes);
  }

  /** CRC-32 of a range. */
  long checksum(int offset, int bytes) {
    CRC32 checksum = new CRC32();
    checksum.update(content, offset, bytes);
    return checksum.getValue();
  }

  String digest() {
    return digest(content);
  }

  /** The file holds what it must. */
  void assertInFile() throws IOException {
    byte[] actual = Files.readAllBytes(image);
    assertThat(Arrays.mismatch(actual, content)).as("first byte that differs").isEqualTo(-1);
  }

  /** Digest of the file as it is. */
  String digestOfFile() throws IOException {
    return digest(Files.readAllBytes(image));
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
