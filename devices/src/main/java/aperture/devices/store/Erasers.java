package aperture.devices.store;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/** Erasers at rest: as many as ever worked at the same time, within bounds. Thread-safe. */
final class Erasers {

  /** What more queues than this need is given back after use. */
  private static final int MOST_AT_REST = 8;

  private final Queue<Eraser> atRest = new ArrayBlockingQueue<>(MOST_AT_REST);

  /** Makes a range of an image read as zeroes. */
  void zero(ImageFile image, long position, long length) throws IOException {
    Eraser resting = atRest.poll();
    Eraser eraser = resting == null ? new Eraser() : resting;
    try {
      eraser.zero(image, position, length);
    } finally {
      atRest.offer(eraser);
    }
  }
}
