package aperture.core.internal.machine;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import aperture.core.internal.iommu.Supplier;
import aperture.core.internal.swap.Suppliers;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Machine families present. Rows are read once, when their family arrives; live machines keep their
 * row whatever happens here. Thread-safe.
 */
public final class Families {

  private final Suppliers<MachineDefaults> suppliers = new Suppliers<>();
  private final Map<Long, List<MachineRow>> rows = new ConcurrentHashMap<>();

  public void add(Supplier<MachineDefaults> supplier) {
    rows.put(supplier.order(), List.copyOf(supplier.service().rows()));
    suppliers.add(supplier);
  }

  public void remove(MachineDefaults family) {
    suppliers.remove(family).ifPresent(supplier -> rows.remove(supplier.order()));
  }

  public List<Supplier<MachineDefaults>> suppliers() {
    return suppliers.all();
  }

  public Optional<Supplier<MachineDefaults>> best(String family) {
    return suppliers.best(family);
  }

  /** All rows of the best supplier of each family, in the order of their families and versions. */
  public List<RowCopy> rows() {
    List<RowCopy> all = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Supplier<MachineDefaults> supplier :
        suppliers.all().stream()
            .sorted((a, b) -> (a.arch() + " " + a.name()).compareTo(b.arch() + " " + b.name()))
            .toList()) {
      if (seen.add(supplier.name())) {
        List<MachineRow> versions = rows.getOrDefault(best(supplier.name(), supplier), List.of());
        for (int i = 0; i < versions.size(); i++) {
          all.add(
              new RowCopy(
                  versions.get(i), supplier.arch(), versions.stream().skip(i + 1).findFirst()));
        }
      }
    }
    return all;
  }

  private Long best(String family, Supplier<MachineDefaults> fallback) {
    return suppliers.best(family).orElse(fallback).order();
  }

  public Optional<RowCopy> find(String type) {
    return rows().stream().filter(copy -> copy.row().type().equals(type)).findFirst();
  }

  /**
   * The row of a type that somebody named.
   *
   * @throws ControlException naming the nearest type there is
   */
  public RowCopy require(String type) throws ControlException {
    return find(type)
        .orElseThrow(() ->
            ControlException.usage(
                Nearest.unknown(
                    "machine type",
                    type,
                    rows().stream().map(copy -> copy.row().type()).toList())));
  }
}
