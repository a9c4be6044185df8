package aperture.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks over hot tables, without a cache in front. VT-d's legacy mode is set against a C program
 * that walks the very same bytes; every other walk, by the entry that it reads, against VT-d's.
 */
final class WalkPart {

  private static final String REFERENCE = "intel-vtd";
  private static final double PEER_LIMIT = 2.0;
  private static final double KIND_LIMIT = 1.5;

  /** An object for one walk in a thousand would be more. */
  private static final double ALLOCATION_LIMIT = 0.01;

  private static final int WARM_UPS = 30;
  private static final int PEER_ROUNDS = 1_000;
  private static final int CHUNK = 1 << 20;

  private WalkPart() {}

  static List<Ratio> measure(Peer peer) throws Exception {
    List<Walked> all = WalkSubjects.all();
    Path file = Files.createTempFile("aperture-walk", ".mem");
    try {
      warmUp(all);
      Walked reference =
          all.stream().filter(each -> each.name().equals(REFERENCE)).findFirst().orElseThrow();
      return measure(peer, all, reference, file);
    } finally {
      Files.delete(file);
      all.forEach(Walked::close);
    }
  }

  /** The walks are compared: each is compiled knowing that there are others. */
  private static void warmUp(List<Walked> all) {
    for (int i = 0; i < WARM_UPS; i++) {
      all.forEach(Walked::walk);
    }
  }

  private static List<Ratio> measure(Peer peer, List<Walked> all, Walked reference, Path file)
      throws IOException {
    List<Ratio> ratios = new ArrayList<>();
    String order = order(reference, file);
    ratios.add(
        Sampler.ratio(
            "walk, intel-vtd, 6 entries, against C",
            PEER_LIMIT,
            reference::walk,
            () -> peer.ask(order)));
    for (Walked each : all) {
      if (each != reference) {
        ratios.add(
            Sampler.ratio(
                "walk, by entry of %d, %s".formatted(each.entries(), each.name()),
                KIND_LIMIT,
                each::walkPerEntry,
                reference::walkPerEntry));
      }
    }
    for (Walked each : all) {
      ratios.add(
          new Ratio(
              "bytes allocated by a walk, " + each.name(),
              each.allocated(),
              1,
              "bytes",
              ALLOCATION_LIMIT));
    }
    return ratios;
  }

  /** Writes the memory to a file, and says what the C program shall walk in it. */
  private static String order(Walked walked, Path file) throws IOException {
    byte[] chunk = new byte[CHUNK];
    var memory = walked.state().memory();
    try (var stream = Files.newOutputStream(file, StandardOpenOption.TRUNCATE_EXISTING)) {
      for (long at = 0; at < memory.size(); at += CHUNK) {
        memory.read(at, chunk, 0, CHUNK);
        stream.write(chunk);
      }
    }
    return "walk %d %d %d %d %s"
        .formatted(
            PEER_ROUNDS,
            walked.state().registers().get("RTADDR"),
            walked.firstPage(),
            Walked.PAGES,
            file);
  }
}
