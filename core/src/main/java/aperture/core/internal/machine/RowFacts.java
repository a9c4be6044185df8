package aperture.core.internal.machine;

import aperture.access.Setting;
import aperture.admin.MachineType;
import aperture.admin.RowDifference;
import aperture.machine.MachineRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a row says, in words: the record of it, and in what two rows differ. Pure functions. */
public final class RowFacts {

  private RowFacts() {}

  /** A row as callers of the control service see it. */
  public static MachineType type(RowCopy copy) {
    MachineRow row = copy.row();
    return new MachineType(
        row.type(),
        row.family(),
        row.version(),
        copy.arch(),
        row.iommus(),
        row.defaultIommu(),
        Setting.of(row.offer()).word(),
        Setting.of(row.strict()).word(),
        row.legacy(),
        ram(row),
        reserved(row),
        row.pageSize(),
        row.byteOrder(),
        row.properties(),
        copy.next().isEmpty(),
        copy.next().map(MachineRow::type).orElse(""),
        copy.next().map(next -> difference(row, next)).orElse(List.of()));
  }

  /**
   * In what a row differs from another, names and versions aside: fields in their order, then
   * properties by name.
   */
  public static List<RowDifference> difference(MachineRow here, MachineRow next) {
    List<RowDifference> found = new ArrayList<>();
    Map<String, String> nextFields = fields(next);
    fields(here)
        .forEach((name, value) -> compare(found, name, value, nextFields.getOrDefault(name, "")));
    SortedSet<String> names = new TreeSet<>(here.properties().keySet());
    names.addAll(next.properties().keySet());
    for (String name : names) {
      compare(found, name, here.property(name).orElse(""), next.property(name).orElse(""));
    }
    return List.copyOf(found);
  }

  private static void compare(List<RowDifference> found, String name, String here, String next) {
    if (!here.equals(next)) {
      found.add(new RowDifference(name, here, next));
    }
  }

  /** The names are those of the record's components. */
  private static Map<String, String> fields(MachineRow row) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("iommus", String.join(", ", row.iommus()));
    fields.put("defaultIommu", row.defaultIommu());
    fields.put("offer", Setting.of(row.offer()).word());
    fields.put("strict", Setting.of(row.strict()).word());
    fields.put("legacy", row.legacy().name().toLowerCase(Locale.ROOT));
    fields.put("ram", String.join(", ", ram(row)));
    fields.put("reserved", String.join(", ", reserved(row)));
    fields.put("pageSize", Integer.toString(row.pageSize()));
    fields.put("byteOrder", row.byteOrder().name().toLowerCase(Locale.ROOT));
    return fields;
  }

  private static List<String> ram(MachineRow row) {
    return row.ram().stream()
        .map(slot -> "0x%x-0x%x".formatted(slot.base(), slot.base() + slot.capacity() - 1))
        .toList();
  }

  /** IOVAs never handed out, and what they are. */
  public static List<String> reserved(MachineRow row) {
    return row.reserved().stream().map(r -> r.range() + " " + r.purpose()).toList();
  }
}
