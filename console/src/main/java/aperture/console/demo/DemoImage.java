package aperture.console.demo;

import aperture.admin.ControlException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What the machines read: files one after the other, padded with zeroes to whole sectors. Each
 * machine gets a copy of its own, made from the originals, which are only ever read.
 *
 * @param sources the files
 * @param size bytes with padding
 * @param sha256 digest of the bytes with padding
 */
record DemoImage(List<Path> sources, long size, String sha256) {

  private static final int SECTOR = 512;
  private static final int PAGE = 4096;
  private static final int LARGE = 1 << 16;

  /** One file, padded to sectors. */
  static DemoImage of(Path file) throws ControlException {
    return of(List.of(file), SECTOR);
  }

  /** Many files, padded to pages. */
  static DemoImage of(List<Path> files) throws ControlException {
    return of(files, PAGE);
  }

  private static DemoImage of(List<Path> files, int unit) throws ControlException {
    MessageDigest digest = sha256Digest();
    try (DigestOutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      long size = copy(files, out, unit);
      if (size == 0) {
        throw ControlException.usage(
            files.isEmpty() ? "no file to make an image of" : files.getFirst() + " is empty");
      }
      return new DemoImage(List.copyOf(files), size, HexFormat.of().formatHex(digest.digest()));
    } catch (IOException e) {
      throw failed("the image cannot be read", e);
    }
  }

  /** Writes the image to a file of its own. */
  Path copyTo(Path file) throws ControlException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), LARGE)) {
      long written = copy(sources, out, sources.size() == 1 ? SECTOR : PAGE);
      if (written != size) {
        throw ControlException.failed("the image's files changed while they were copied");
      }
      return file;
    } catch (IOException e) {
      throw failed("the image cannot be copied", e);
    }
  }

  private static long copy(List<Path> files, OutputStream out, int unit) throws IOException {
    byte[] buffer = new byte[LARGE];
    long size = 0;
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          out.write(buffer, 0, read);
          size += read;
        }
      }
    }
    int rest = (int) (size % unit);
    if (rest != 0) {
      out.write(new byte[unit - rest]);
      size += unit - rest;
    }
    return size;
  }

  /** The largest request that divides the image. */
  int blockBytes() {
    return size % LARGE == 0 ? LARGE : smallBlockBytes();
  }

  /** A page, where it divides the image. */
  int smallBlockBytes() {
    return size % PAGE == 0 ? PAGE : SECTOR;
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static ControlException failed(String what, IOException e) {
    return new ControlException(
        ControlException.Kind.FAILED, "%s: %s".formatted(what, e.getMessage()), e);
  }
}
