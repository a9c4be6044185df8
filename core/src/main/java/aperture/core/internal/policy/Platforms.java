package aperture.core.internal.policy;

import aperture.access.AddressSpace;
import aperture.access.PathMode;
import aperture.admin.ControlException;
import aperture.admin.MachineSpec;
import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.Route;
import aperture.core.internal.iommu.Supplier;
import aperture.core.internal.machine.RowCopy;
import aperture.core.internal.machine.RunningMachine;
import aperture.core.internal.policy.Platform.Layout;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.machine.MachineRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The machines to experiment on, found among those present: for each path mode one of each
 * architecture, or of each IOMMU kind, the newest that there is.
 */
final class Platforms {

  private static final long MASK_32 = 0xffff_ffffL;
  private static final long SCRATCH = 64L << 20;
  private static final long MOST_MEMORY = 6L << 30;

  /** What may have to be mapped before IOVAs are numbers of memory. */
  private static final long MOST_FILLER = 2L << 30;

  private static final String IDENTITY = ",domain=identity";

  private final Laboratory laboratory;
  private final List<RowCopy> rows;
  private final Map<String, Optional<Layout>> layouts = new HashMap<>();

  Platforms(Laboratory laboratory, Optional<String> machine) throws ControlException {
    this.laboratory = laboratory;
    if (machine.isPresent()) {
      rows = List.of(laboratory.families().require(machine.get()));
    } else {
      rows = laboratory.families().rows();
    }
  }

  /**
   * All platforms of a mode.
   *
   * @param identityMap whether the IOMMU of a bypassed device maps memory to itself
   */
  List<Platform> of(PathMode mode, boolean identityMap) throws ControlException {
    List<Platform> found = new ArrayList<>();
    if (mode == PathMode.NONE) {
      plain().values().forEach(row -> found.add(platform(mode, row, MachineRow.NO_IOMMU)));
      return found;
    }
    for (Supplier<IommuBehavior> supplier : laboratory.behaviors().all()) {
      String kind = supplier.name();
      IommuCapabilities can = supplier.service().capabilities();
      boolean identity = mode == PathMode.IDENTITY || mode == PathMode.BYPASS && identityMap;
      if (mode == PathMode.WINDOW && !can.protects()) {
        addWindows(found, kind);
      } else if (mode != PathMode.WINDOW && can.protects() && (can.identity() || !identity)) {
        addNewest(found, mode, kind, identity);
      }
    }
    return found;
  }

  private void addWindows(List<Platform> found, String kind) throws ControlException {
    for (RowCopy row : eachFamily(kind)) {
      if (moves(row, kind)) {
        found.add(platform(PathMode.WINDOW, row, kind));
      }
    }
  }

  private void addNewest(List<Platform> found, PathMode mode, String kind, boolean identity)
      throws ControlException {
    for (RowCopy row : newest(kind)) {
      String iommu = identity ? kind + IDENTITY : kind;
      layout(row, kind)
          .ifPresent(layout -> found.add(new Platform(mode, row.row().type(), iommu, layout)));
    }
  }

  private static Platform platform(PathMode mode, RowCopy row, String iommu) {
    return new Platform(mode, row.row().type(), iommu, Layout.PLAIN);
  }

  /** Of each architecture the newest machine without IOMMU, of its family with most versions. */
  private Map<String, RowCopy> plain() {
    Map<String, Integer> versions = new LinkedHashMap<>();
    rows.forEach(row -> versions.merge(row.row().family(), 1, Integer::sum));
    Map<String, RowCopy> chosen = new LinkedHashMap<>();
    for (RowCopy row : rows) {
      if (row.row().iommus().contains(MachineRow.NO_IOMMU)) {
        chosen.merge(
            row.arch(),
            row,
            (before, now) ->
                versions.getOrDefault(now.row().family(), 0)
                        >= versions.getOrDefault(before.row().family(), 0)
                    ? now
                    : before);
      }
    }
    return chosen;
  }

  private List<RowCopy> newest(String kind) {
    List<RowCopy> with = rows.stream().filter(row -> row.row().iommus().contains(kind)).toList();
    return with.isEmpty() ? List.of() : List.of(with.getLast());
  }

  private List<RowCopy> eachFamily(String kind) {
    Map<String, RowCopy> families = new LinkedHashMap<>();
    rows.stream()
        .filter(row -> row.row().iommus().contains(kind))
        .forEach(row -> families.put(row.row().family(), row));
    return List.copyOf(families.values());
  }

  /** Whether a window gives memory another address: one that does not is no case of its own. */
  private boolean moves(RowCopy row, String kind) throws ControlException {
    return withScratch(
        row,
        kind,
        machine -> {
          DriverFace face = machine.driverFace(machine.newEndpoint(Route.IOMMU), AddressSpace.BUS);
          long gpa = face.allocate(1).gpa();
          return face.map(gpa, Canaries.PAGE, Direction.TO_DEVICE) != gpa;
        });
  }

  /** What is tried on a machine that is gone afterwards. */
  private interface Trial<T> {
    T on(RunningMachine machine) throws DmaException;
  }

  private <T> T withScratch(RowCopy row, String kind, Trial<T> trial) throws ControlException {
    RunningMachine machine =
        laboratory
            .machines()
            .create(new MachineSpec("scratch", row.row().type(), SCRATCH, Optional.of(kind)));
    try {
      return trial.on(machine);
    } catch (DmaException e) {
      throw new ControlException(
          ControlException.Kind.FAILED,
          "machine type %s with %s: %s".formatted(row.row().type(), kind, e.getMessage()),
          e);
    } finally {
      laboratory.machines().destroy(machine);
    }
  }

  /**
   * Finds a layout in which IOVAs are numbers of memory too; empty for an IOMMU whose addresses
   * nobody can choose, or never lie where memory could be.
   */
  private Optional<Layout> layout(RowCopy row, String kind) throws ControlException {
    // Several modes ask for the same kind, whose row is the same then.
    Optional<Layout> known = layouts.get(kind);
    if (known == null) {
      known = find(row, kind);
      layouts.put(kind, known);
    }
    return known;
  }

  private Optional<Layout> find(RowCopy row, String kind) throws ControlException {
    for (long mask : new long[] {-1L, MASK_32}) {
      Optional<Layout> layout = layout(row, kind, mask);
      if (layout.isPresent()) {
        return layout;
      }
    }
    return Optional.empty();
  }

  private Optional<Layout> layout(RowCopy row, String kind, long mask) throws ControlException {
    return withScratch(
        row,
        kind,
        machine -> {
          DriverFace face = machine.driverFace(machine.newEndpoint(Route.IOMMU), AddressSpace.BUS);
          face.setAddressMask(mask);
          long gpa = face.allocate(1).gpa();
          long size = Math.max(Canaries.PAGE, row.row().pageSize());
          long first;
          try {
            first = face.map(gpa, size, Direction.TO_DEVICE);
          } catch (DmaException e) {
            return Optional.empty();
          }
          face.unmap(first, size);
          return choosable(face, gpa, first + 2 * size, size)
              ? layout(machine.memory().regions().get(0).base(), first, mask)
              : Optional.empty();
        });
  }

  private static boolean choosable(DriverFace face, long gpa, long iova, long size) {
    try {
      face.mapAt(iova, gpa, size, Direction.TO_DEVICE);
      face.unmap(iova, size);
      return true;
    } catch (DmaException e) {
      return false;
    }
  }

  /**
   * From where memory and IOVAs begin.
   *
   * @param base first byte of memory
   * @param first first IOVA handed out
   */
  private static Optional<Layout> layout(long base, long first, long mask) {
    if (Long.compareUnsigned(first, base + Bench.NEVER_USED) >= 0) {
      return sized(first - base + Bench.NEVER_USED, mask, 0);
    }
    return Long.compareUnsigned(base - first, MOST_FILLER) <= 0
            || Long.compareUnsigned(first, base) >= 0
        ? sized(SCRATCH, mask, base + Bench.FIRST_NUMBER)
        : Optional.empty();
  }

  private static Optional<Layout> sized(long memory, long mask, long firstNumber) {
    return Long.compareUnsigned(memory, MOST_MEMORY) <= 0
        ? Optional.of(new Layout(memory & -Bench.NEVER_USED, mask, firstNumber))
        : Optional.empty();
  }
}
