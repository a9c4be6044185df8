package aperture.arch.ppc;

import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The versions of a machine family, made backwards: each older row is its successor plus the
 * differences that its version keeps.
 */
final class RowChain {

  private final Deque<MachineRow> rows = new ArrayDeque<>();
  private MachineRow successor;

  private RowChain(MachineRow newest) {
    rows.add(newest);
    successor = newest;
  }

  static RowChain newest(MachineRow row) {
    return new RowChain(row);
  }

  /** Puts an older version in front of all so far. */
  @SafeVarargs
  final RowChain older(String version, UnaryOperator<MachineRow>... deltas) {
    MachineRow row = named(successor, version);
    for (UnaryOperator<MachineRow> delta : deltas) {
      row = delta.apply(row);
    }
    rows.addFirst(row);
    successor = row;
    return this;
  }

  /**
   * Puts a variant of the oldest version behind it: nothing older is derived from the variant.
   *
   * @param version its own name
   */
  RowChain variant(String version) {
    MachineRow oldest = rows.removeFirst();
    rows.addFirst(named(oldest, version));
    rows.addFirst(oldest);
    return this;
  }

  List<MachineRow> oldestFirst() {
    return List.copyOf(rows);
  }

  /** A further fact has another value. */
  static UnaryOperator<MachineRow> property(String name, String value) {
    return row -> {
      Map<String, String> properties = new TreeMap<>(row.properties());
      properties.put(name, value);
      return copy(row, row.type(), row.version(), row.legacy(), properties);
    };
  }

  static UnaryOperator<MachineRow> legacy(LegacyInterface legacy) {
    return row -> copy(row, row.type(), row.version(), legacy, row.properties());
  }

  /** A row of our own: an upstream one with other IOMMUs. */
  static MachineRow own(
      MachineRow row, String version, List<String> iommus, String defaultIommu, boolean offer) {
    return new MachineRow(
        row.family() + "-" + version,
        row.family(),
        version,
        iommus,
        defaultIommu,
        offer,
        row.strict(),
        row.legacy(),
        row.ram(),
        row.reserved(),
        row.pageSize(),
        row.byteOrder(),
        row.properties());
  }

  private static MachineRow named(MachineRow row, String version) {
    return copy(row, row.family() + "-" + version, version, row.legacy(), row.properties());
  }

  private static MachineRow copy(
      MachineRow row,
      String type,
      String version,
      LegacyInterface legacy,
      Map<String, String> properties) {
    return new MachineRow(
        type,
        row.family(),
        version,
        row.iommus(),
        row.defaultIommu(),
        row.offer(),
        row.strict(),
        legacy,
        row.ram(),
        row.reserved(),
        row.pageSize(),
        row.byteOrder(),
        properties);
  }
}
