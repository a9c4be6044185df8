package aperture.itest.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What QEMU says of its traffic with back ends: a witness that knows nothing of what the back end
 * counts.
 *
 * @param file QEMU's log
 */
record FrontEndTrace(Path file) {

  private static final Pattern MISS = Pattern.compile("vhost_iotlb_miss \\S+ step 1\\b");

  /** Request 22 of the front end: an update or an invalidation. */
  private static final Pattern IOTLB = Pattern.compile("vhost_user_write req:22\\b");

  private static final Pattern STATUS = Pattern.compile("virtio_set_status vdev \\S+ val (\\d+)");

  /**
   * Counts of one guest's life.
   *
   * @param misses questions of the back end for a translation
   * @param messages updates and invalidations sent to it, together
   */
  record Counts(long misses, long messages) {

    /**
     * At least so many invalidations: all but an answer to each miss and one greeting per queue.
     */
    long invalidations(int queues) {
      return Math.max(0, messages - misses - queues);
    }
  }

  List<String> options() {
    return List.of(
        "-D",
        file.toString(),
        "-trace",
        "vhost_iotlb_miss",
        "-trace",
        "vhost_user_write",
        "-trace",
        "virtio_set_status");
  }

  Counts counts() throws IOException {
    return new Counts(count(MISS), count(IOTLB));
  }

  /** What the driver has written to the device's status, in order. */
  List<Integer> statuses() throws IOException {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines
          .map(STATUS::matcher)
          .filter(Matcher::find)
          .map(found -> Integer.parseInt(found.group(1)))
          .toList();
    }
  }

  private long count(Pattern pattern) throws IOException {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines.filter(line -> pattern.matcher(line).find()).count();
    }
  }
}
