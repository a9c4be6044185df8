package aperture.devices.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Zeroes ranges of an image. What already reads as zeroes is not written, so that holes of a sparse
 * file stay holes. Not thread-safe.
 */
final class Eraser {

  private static final int PIECE = 64 * 1024;

  private final ByteBuffer zeroes = ByteBuffer.allocateDirect(PIECE);
  private final ByteBuffer content = ByteBuffer.allocateDirect(PIECE);

  /** Makes a range read as zeroes; it must lie inside the image. */
  void zero(ImageFile image, long position, long length) throws IOException {
    long done = 0;
    while (done < length) {
      int step = (int) Math.min(PIECE, length - done);
      content.clear().limit(step);
      image.read(content, position + done);
      boolean whole = !content.hasRemaining();
      content.flip();
      zeroes.clear().limit(step);
      if (!whole || content.mismatch(zeroes) >= 0) {
        zeroes.clear().limit(step);
        image.write(zeroes, position + done);
      }
      done += step;
    }
  }
}
