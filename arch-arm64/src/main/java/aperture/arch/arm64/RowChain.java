package aperture.arch.arm64;

import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;
import aperture.machine.ReservedRange;
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

  private RowChain(MachineRow newest) {
    rows.add(newest);
  }

  static RowChain newest(MachineRow row) {
    return new RowChain(row);
  }

  /** Puts an older version in front of all so far. */
  @SafeVarargs
  final RowChain older(String version, UnaryOperator<MachineRow>... deltas) {
    MachineRow row = named(rows.getFirst(), version);
    for (UnaryOperator<MachineRow> delta : deltas) {
      row = delta.apply(row);
    }
    rows.addFirst(row);
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
      return copy(row, row.defaultIommu(), row.offer(), row.legacy(), row.reserved(), properties);
    };
  }

  /** A plain machine gets this IOMMU, and offers the bit or not. */
  static UnaryOperator<MachineRow> access(String defaultIommu, boolean offer) {
    return row -> copy(row, defaultIommu, offer, row.legacy(), row.reserved(), row.properties());
  }

  static UnaryOperator<MachineRow> legacy(LegacyInterface legacy) {
    return row ->
        copy(row, row.defaultIommu(), row.offer(), legacy, row.reserved(), row.properties());
  }

  static UnaryOperator<MachineRow> reserved(List<ReservedRange> reserved) {
    return row ->
        copy(row, row.defaultIommu(), row.offer(), row.legacy(), reserved, row.properties());
  }

  private static MachineRow named(MachineRow row, String version) {
    return new MachineRow(
        row.family() + "-" + version,
        row.family(),
        version,
        row.iommus(),
        row.defaultIommu(),
        row.offer(),
        row.strict(),
        row.legacy(),
        row.ram(),
        row.reserved(),
        row.pageSize(),
        row.byteOrder(),
        row.properties());
  }

  private static MachineRow copy(
      MachineRow row,
      String defaultIommu,
      boolean offer,
      LegacyInterface legacy,
      List<ReservedRange> reserved,
      Map<String, String> properties) {
    return new MachineRow(
        row.type(),
        row.family(),
        row.version(),
        row.iommus(),
        defaultIommu,
        offer,
        row.strict(),
        legacy,
        row.ram(),
        reserved,
        row.pageSize(),
        row.byteOrder(),
        properties);
  }
}
