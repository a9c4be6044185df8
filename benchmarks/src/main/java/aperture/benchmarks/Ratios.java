package aperture.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints ratios, ours against a C program beside us, measured in one run. Exits with 1 when a limit
 * is missed, with 3 when there is no C compiler.
 */
public final class Ratios {

  private static final List<String> PARTS =
      List.of("ring", "iotlb", "walk", "map", "machines", "allocation", "vhost", "guest");

  private static final String HEADER =
      "%-52s %10s %10s %-7s %7s %7s".formatted("", "ours", "peer", "", "ratio", "limit");

  private Ratios() {}

  /**
   * @param arguments {@code --json} for one JSON document; {@code --part NAME} for one part; the
   *     path of the C source last
   */
  public static void main(String[] arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of(arguments));
    boolean json = words.remove("--json");
    String part = "";
    int at = words.indexOf("--part");
    if (at >= 0 && at + 1 < words.size()) {
      part = words.remove(at + 1);
      words.remove(at);
    }
    if (words.size() != 1 || !(part.isEmpty() || PARTS.contains(part))) {
      System.err.println("usage: benchmarks/run [--json] [--part " + String.join("|", PARTS) + "]");
      System.exit(2);
    }
    System.exit(run(Path.of(words.get(0)), part, json));
  }

  private static int run(Path source, String part, boolean json) throws Exception {
    Path binary = Files.createTempFile("aperture-peer", "");
    List<Ratio> ratios = new ArrayList<>();
    try (Peer peer = Peer.start(source, binary)) {
      PrintStream progress = System.err;
      if (part.isEmpty() || part.equals("ring")) {
        progress.println("ring ...");
        ratios.addAll(RingPart.measure(peer));
      }
      if (part.isEmpty() || part.equals("iotlb")) {
        progress.println("iotlb ...");
        ratios.addAll(IotlbPart.measure(peer));
      }
      if (part.isEmpty() || part.equals("walk")) {
        progress.println("walk ...");
        ratios.addAll(WalkPart.measure(peer));
      }
      if (part.isEmpty() || part.equals("map")) {
        progress.println("map ...");
        ratios.addAll(MapPart.measure(peer));
      }
      if (part.isEmpty() || part.equals("machines")) {
        progress.println("machines ...");
        ratios.addAll(MachinesPart.measure());
      }
      if (part.isEmpty() || part.equals("allocation")) {
        progress.println("allocation ...");
        ratios.addAll(AllocationPart.measure());
      }
      if (part.isEmpty() || part.equals("vhost")) {
        progress.println("vhost ...");
        ratios.addAll(VhostPart.measure());
      }
      if (part.isEmpty() || part.equals("guest")) {
        progress.println("guest ...");
        ratios.addAll(GuestPart.measure(root(source)));
      }
    } catch (IOException e) {
      System.err.println("no peer to compare with: " + e.getMessage());
      return 3;
    } finally {
      Files.deleteIfExists(binary);
    }
    print(ratios, json);
    return ratios.stream().allMatch(Ratio::holds) ? 0 : 1;
  }

  /** The C source lies five folders below it. */
  private static Path root(Path source) {
    return source.toAbsolutePath().resolve("../../../../..").normalize();
  }

  private static void print(List<Ratio> ratios, boolean json) {
    if (json) {
      System.out.println(
          "[" + String.join(",\n ", ratios.stream().map(Ratio::json).toList()) + "]");
      return;
    }
    System.out.println(HEADER);
    ratios.forEach(ratio -> System.out.println(ratio.line()));
  }
}
