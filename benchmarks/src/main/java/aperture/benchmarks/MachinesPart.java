package aperture.benchmarks;

import aperture.admin.MachineInfo;
import aperture.admin.MachineSpec;
import aperture.core.Aperture;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A thousand machines at once, the kinds in turns: what each costs the host, beside what its own
 * tables take.
 */
final class MachinesPart {

  private static final int MACHINES = 1_000;
  private static final long MEMORY = 64L << 20;
  private static final int KIB = 1024;

  /** What a machine may cost beside the pages that were touched: objects, and the mapping's. */
  private static final double OVERHEAD_KIB = 48;

  /** Of it, what may lie in the heap. */
  private static final double HEAP_KIB = 32;

  /** Pages are touched whole. */
  private static final double TOUCHED_LIMIT = 1.05;

  private static final int EDEN_FILLS = 1_200;
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path MAPPINGS = Path.of("/proc/self/smaps");
  private static final String MEMORY_FILE = "aperture-ram";

  /** Kibibytes: of the process in host memory, of it in guests' memory, and of live objects. */
  private record Usage(double resident, double touched, double heap) {

    static Usage now() throws IOException {
      fillEden();
      double heap =
          (double) ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / KIB;
      return new Usage(readResident(), readTouched(), heap);
    }

    /** Objects that come and go must not make the process larger between two looks. */
    private static void fillEden() {
      long sum = 0;
      for (int i = 0; i < EDEN_FILLS; i++) {
        sum += new byte[KIB * KIB].length;
      }
      if (sum != (long) EDEN_FILLS * KIB * KIB) {
        throw new AssertionError(sum);
      }
      System.gc();
    }

    private static double readResident() throws IOException {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(Usage::kib)
          .sum();
    }

    private static double readTouched() throws IOException {
      double sum = 0;
      boolean ours = false;
      for (String line : Files.readAllLines(MAPPINGS)) {
        if (!line.endsWith("kB") && line.contains("-")) {
          ours = line.contains(MEMORY_FILE);
        } else if (ours && line.startsWith("Rss:")) {
          sum += kib(line);
        }
      }
      return sum;
    }

    private static double kib(String line) {
      return Double.parseDouble(line.replaceAll("[^0-9]", ""));
    }
  }

  private MachinesPart() {}

  static List<Ratio> measure() throws Exception {
    List<Kinds.Kind> kinds = Kinds.all();
    try (Aperture aperture = Aperture.standalone()) {
      Kinds.addTo(aperture);
      // Code and constants that the first machines bring.
      create(aperture, kinds, kinds.size());
      destroy(aperture, kinds.size());
      Usage before = Usage.now();
      double tables = create(aperture, kinds, MACHINES);
      Usage after = Usage.now();
      destroy(aperture, MACHINES);
      return ratios(before, after, tables);
    }
  }

  private static List<Ratio> ratios(Usage before, Usage after, double tables) {
    double resident = (after.resident() - before.resident()) / MACHINES;
    double touched = (after.touched() - before.touched()) / MACHINES;
    double heap = (after.heap() - before.heap()) / MACHINES;
    return List.of(
        new Ratio(
            "guest memory in use per machine, against its tables",
            touched,
            tables / MACHINES,
            "KiB",
            TOUCHED_LIMIT),
        new Ratio(
            "host memory per machine, against touched + 48 KiB",
            resident,
            touched + OVERHEAD_KIB,
            "KiB",
            1),
        new Ratio("heap per machine, against 32 KiB", heap, HEAP_KIB, "KiB", 1));
  }

  /** Kibibytes that the machines' owners took for tables, all machines together. */
  private static double create(Aperture aperture, List<Kinds.Kind> kinds, int count)
      throws Exception {
    List<MachineInfo> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Kinds.Kind kind = kinds.get(i % kinds.size());
      made.add(
          aperture
              .machines()
              .create(
                  new MachineSpec(name(i), kind.row().type(), MEMORY, Optional.of(kind.name()))));
    }
    return made.stream().mapToDouble(machine -> (double) machine.memoryUsed() / KIB).sum();
  }

  private static void destroy(Aperture aperture, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      aperture.machines().destroy(name(i));
    }
  }

  private static String name(int number) {
    return "m" + number;
  }
}
