package aperture.console.reference;

import static aperture.console.reference.Markdown.code;
import static aperture.console.reference.Markdown.codes;
import static aperture.console.reference.Markdown.table;

import aperture.admin.MachineType;
import aperture.admin.RowDifference;
import aperture.console.format.Values;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The page of all machine types: between two marks it is written from what core makes of the
 * bundles' rows and from what their IOMMU kinds say of themselves; around them people write.
 */
final class MachinesPage {

  private static final String START = "<!-- written from the bundles -->\n";
  private static final String END = "<!-- end -->\n";

  private final List<MachineType> types;
  private final List<IommuBehavior> behaviors;

  MachinesPage(List<MachineType> types, List<IommuBehavior> behaviors) {
    this.types = types;
    this.behaviors = behaviors;
  }

  /** The page as it should be, with what people wrote on the present one. */
  String text(String present) {
    int start = present.indexOf(START);
    int end = present.indexOf(END);
    String before = start < 0 ? present : present.substring(0, start);
    String after = end < 0 ? "" : present.substring(end + END.length());
    return before + START + written() + END + after;
  }

  private String written() {
    Map<String, List<MachineType>> families =
        types.stream()
            .collect(
                Collectors.groupingBy(
                    MachineType::family, LinkedHashMap::new, Collectors.toList()));
    StringBuilder text = new StringBuilder("## Families\n");
    text.append(
        table(
            List.of("architecture", "family", "types", "IOMMU kinds"),
            families.values().stream().map(MachinesPage::summary).toList()));
    families.forEach((name, rows) -> text.append(family(name, rows.reversed())));
    return text.append("\n## IOMMU kinds\n").append(kinds()).toString();
  }

  private static List<String> summary(List<MachineType> rows) {
    MachineType newest = rows.getLast();
    List<String> kinds = rows.stream().flatMap(row -> row.iommus().stream()).distinct().toList();
    return List.of(
        newest.arch(),
        "[%s](#%1$s)".formatted(newest.family()),
        String.valueOf(rows.size()),
        codes(kinds));
  }

  private static String family(String name, List<MachineType> newestFirst) {
    MachineType newest = newestFirst.getFirst();
    return "\n## %s\n\nArchitecture %s. The newest is %s:\n%s%s"
        .formatted(
            name,
            newest.arch(),
            code(newest.type()),
            facts(newest),
            table(
                List.of(
                    "type",
                    "IOMMU kinds",
                    "default",
                    "offer",
                    "strict",
                    "registers",
                    "differs from the next version"),
                newestFirst.stream().map(MachinesPage::row).toList()));
  }

  private static String facts(MachineType type) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("memory", String.join(", ", type.ram())));
    rows.add(List.of("reserved", orNothing(String.join(", ", type.reserved()))));
    rows.add(List.of("I/O page", ByteSizes.text(List.of((long) type.pageSize()))));
    rows.add(List.of("byte order", Values.word(type.byteOrder())));
    new TreeMap<>(type.properties())
        .forEach((property, value) -> rows.add(List.of(code(property), value)));
    return table(List.of("fact", "value"), rows);
  }

  private static List<String> row(MachineType type) {
    return List.of(
        code(type.type()),
        codes(type.iommus()),
        code(type.defaultIommu()),
        type.offer(),
        type.strict(),
        Values.word(type.legacy()),
        difference(type));
  }

  private static String difference(MachineType type) {
    if (type.newest()) {
      return "the newest";
    }
    String what =
        type.difference().stream().map(MachinesPage::difference).collect(Collectors.joining("; "));
    return "from %s: %s".formatted(code(type.next()), what.isEmpty() ? "nothing" : what);
  }

  private static String difference(RowDifference one) {
    return "%s %s -> %s".formatted(code(one.field()), value(one.here()), value(one.next()));
  }

  private static String value(String value) {
    return value.isEmpty() ? "absent" : value;
  }

  private String kinds() {
    return table(
        List.of(
            "kind",
            "families",
            "page sizes",
            "tells software of faults",
            "write-only pages",
            "access after unmap faults",
            "one address space for all",
            "protects memory",
            "identity",
            "options"),
        behaviors.stream().map(this::kind).toList());
  }

  private List<String> kind(IommuBehavior behavior) {
    IommuCapabilities can = behavior.capabilities();
    return List.of(
        code(behavior.kind()),
        orNothing(String.join(", ", families(behavior.kind()))),
        ByteSizes.text(can.pageSizes()),
        yes(can.recordsFaults()),
        yes(can.expressesWriteOnly()),
        yes(can.unmappedFaults()),
        yes(can.sharedAddressSpace()),
        yes(can.protects()),
        yes(can.identity()),
        orNothing(codes(new TreeSet<>(behavior.options()).stream().toList())));
  }

  private Collection<String> families(String kind) {
    return types.stream()
        .filter(type -> type.iommus().contains(kind))
        .map(type -> "[%s](#%1$s)".formatted(type.family()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String yes(boolean holds) {
    return holds ? "yes" : "no";
  }

  private static String orNothing(String text) {
    return text.isEmpty() ? "none" : text;
  }
}
