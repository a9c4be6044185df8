package aperture.itest.guest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * How many requests a guest gets done each second, with a disk of ours and with QEMU's own: pages
 * read one at a time, guests in turns. Prints both figures, ours first; progress goes to the second
 * stream.
 *
 * <p>Arguments: name of a line, pairs of guests, pages that each reads.
 */
final class GuestRates {

  private static final int BYTES = 16 << 20;
  private static final double CENTI = 100;

  private GuestRates() {}

  public static void main(String[] arguments) throws Exception {
    GuestLine line =
        GuestLines.all().filter(l -> l.name().equals(arguments[0])).findFirst().orElseThrow();
    int pairs = Integer.parseInt(arguments[1]);
    int pages = Integer.parseInt(arguments[2]);
    Path folder = Files.createTempDirectory("aperture-rates");
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), BYTES);
    ExpectedDisk peer = ExpectedDisk.random(folder.resolve("peer.img"), BYTES);
    Plan plan = Plan.first().read(pages).read(pages).powerOff();
    List<Double> ours = new ArrayList<>();
    List<Double> peers = new ArrayList<>();
    try (ServingConsole console = ServingConsole.startUnaudited(folder)) {
      Path socket = console.serve("d0", disk.image(), "--access-platform on");
      for (int pair = 0; pair < pairs; pair++) {
        ours.add(rate(line, plan, new GuestDevice.ServedDisk(socket), folder));
        peers.add(rate(line, plan, new GuestDevice.OwnDisk(peer.image()), folder));
        System.err.printf(
            Locale.ROOT, "guests: %.0f %.0f requests/s%n", ours.getLast(), peers.getLast());
      }
    }
    System.out.printf(Locale.ROOT, "%.1f %.1f%n", median(ours), median(peers));
  }

  /** Requests a second; the first reading only warms. */
  private static double rate(GuestLine line, Plan plan, GuestDevice device, Path folder)
      throws Exception {
    try (QemuGuest guest =
        QemuGuest.start(GuestSetup.of(line, plan, device), GuestTools.here(), folder)) {
      guest.awaitDisk();
      guest.await("read");
      Marker read = guest.await("read");
      guest.await("poweroff");
      guest.awaitEnd();
      return read.number("requests") * CENTI / Math.max(1, read.number("centiseconds"));
    }
  }

  private static double median(List<Double> values) {
    Collections.sort(values);
    return values.get(values.size() / 2);
  }
}
