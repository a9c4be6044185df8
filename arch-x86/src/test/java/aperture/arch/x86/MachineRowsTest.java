package aperture.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.RowProperty;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A landed row never changes: every resolved row is frozen in {@code rows.golden}. */
class MachineRowsTest {

  private static final List<MachineDefaults> FAMILIES =
      List.of(
          new PcI440fxMachineDefaults(),
          new PcQ35MachineDefaults(),
          new MicrovmMachineDefaults(),
          new XenpvMachineDefaults(),
          new XenfvMachineDefaults(),
          new XenpvhMachineDefaults());

  private static Stream<MachineRow> rows() {
    return FAMILIES.stream().flatMap(family -> family.rows().stream());
  }

  private static MachineRow row(String type) {
    return rows().filter(row -> row.type().equals(type)).findFirst().orElseThrow();
  }

  private static String print(MachineRow row) {
    String ram =
        row.ram().stream()
            .map(slot -> "0x%x+0x%x".formatted(slot.base(), slot.capacity()))
            .collect(Collectors.joining(" "));
    String reserved =
        row.reserved().stream()
            .map(range -> range.range() + " " + range.purpose())
            .collect(Collectors.joining(", "));
    StringBuilder text = new StringBuilder();
    text.append("[%s]\n".formatted(row.type()));
    text.append("family %s, version '%s'\n".formatted(row.family(), row.version()));
    text.append("iommus %s, default %s\n".formatted(row.iommus(), row.defaultIommu()));
    text.append("offer %s, strict %s\n".formatted(row.offer(), row.strict()));
    text.append("legacy %s\n".formatted(row.legacy()));
    text.append("ram %s\n".formatted(ram));
    text.append("reserved %s\n".formatted(reserved));
    text.append("page %d, order %s\n".formatted(row.pageSize(), row.byteOrder()));
    new TreeMap<>(row.properties())
        .forEach((name, value) -> text.append("%s = %s\n".formatted(name, value)));
    return text.append('\n').toString();
  }

  @Test
  void everyResolvedRowIsAsItLanded() throws IOException {
    String printed = rows().map(MachineRowsTest::print).collect(Collectors.joining());

    try (InputStream golden = MachineRowsTest.class.getResourceAsStream("rows.golden")) {
      assertThat(golden).as("rows.golden").isNotNull();
      assertThat(printed.lines().toList())
          .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }

  @Test
  void versionsAreThoseOfTheFamilyOldestFirst() {
    assertThat(new PcI440fxMachineDefaults().rows())
        .extracting(MachineRow::version)
        .containsExactly(
            "1.4", "1.5", "1.6", "1.7", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7",
            "2.8", "2.9", "2.10", "2.11", "2.12", "3.0", "3.1", "4.0", "4.1", "4.2", "5.0", "5.1",
            "5.2", "6.0", "6.1", "6.2", "7.0", "7.1", "7.2");
    assertThat(new PcQ35MachineDefaults().rows())
        .extracting(MachineRow::version)
        .containsExactly(
            "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "3.0", "3.1", "4.0",
            "4.0.1", "4.1", "4.2", "5.0", "5.1", "5.2", "6.0", "6.1", "6.2", "7.0", "7.1", "7.2",
            "7.2-ap1", "7.2-ap2", "7.2-ap3");
  }

  @Test
  void rowsNamedAsInQemuOfferNothingAndHaveNoIommuUnlessAsked() {
    assertThat(rows().filter(row -> !row.type().matches(".*ap\\d")))
        .allSatisfy(row -> {
          assertThat(row.offer()).isFalse();
          assertThat(row.strict()).isTrue();
          assertThat(row.defaultIommu()).isEqualTo(row.iommus().getFirst());
          assertThat(row.iommus().getFirst())
              .isEqualTo(row.family().equals("xenpv") ? "xen-pv" : "none");
        });
  }

  @Test
  void rowsThatSayHowWideAddressesAreDifferFromOurFirstInNothingElse() {
    MachineRow first = row("pc-q35-7.2-ap1");
    MachineRow second = row("pc-q35-7.2-ap2");
    MachineRow third = row("pc-q35-7.2-ap3");

    assertThat(first.property("intel-vtd.aw-bits")).isEmpty();
    assertThat(second.property("intel-vtd.aw-bits")).contains("48");
    assertThat(second.defaultIommu()).isEqualTo("intel-vtd");
    assertThat(third.property("intel-vtd.aw-bits")).contains("57");
    assertThat(third.defaultIommu()).isEqualTo("intel-vtd-57");
    assertThat(third.iommus()).containsExactly("none", "intel-vtd", "amd-vi", "intel-vtd-57");
    for (MachineRow wide : List.of(second, third)) {
      assertThat(wide)
          .usingRecursiveComparison()
          .ignoringFields("type", "version", "iommus", "defaultIommu", "properties")
          .isEqualTo(first);
      assertThat(wide.properties()).containsAllEntriesOf(first.properties());
    }
  }

  @Test
  void ourOwnRowsOfXenGuestsOfferAndHaveGrants() {
    assertThat(row("xenpv-ap1").defaultIommu()).isEqualTo("xen-pv");
    for (String type : List.of("xenfv-ap1", "xenpvh-ap1")) {
      assertThat(row(type).iommus()).containsExactly("none", "xen-hvm");
      assertThat(row(type).defaultIommu()).isEqualTo("xen-hvm");
    }
    assertThat(rows().filter(row -> row.family().startsWith("xen") && row.offer()))
        .hasSize(3)
        .allSatisfy(row -> assertThat(row.legacy()).isEqualTo(LegacyInterface.MODERN));
  }

  @Test
  void ourOwnRowHasTheIommuAndOffersIt() {
    MachineRow own = row("pc-q35-7.2-ap1");

    assertThat(own.defaultIommu()).isEqualTo("intel-vtd");
    assertThat(own.iommus()).containsExactly("none", "intel-vtd", "amd-vi");
    assertThat(own.offer()).isTrue();
    assertThat(own.legacy()).isEqualTo(LegacyInterface.MODERN);
  }

  @Test
  void aDifferenceHoldsForItsVersionAndAllOlderOnes() {
    assertThat(row("pc-q35-5.0").property(RowProperty.BLK_QUEUE_SIZE)).contains("256");
    assertThat(row("pc-q35-4.2").property(RowProperty.BLK_QUEUE_SIZE)).contains("128");
    assertThat(row("pc-q35-2.4").property(RowProperty.BLK_QUEUE_SIZE)).contains("128");
    assertThat(row("pc-i440fx-5.2").property(RowProperty.BLK_QUEUES)).isEmpty();
    assertThat(row("pc-i440fx-5.1").property(RowProperty.BLK_QUEUES)).contains("1");
    assertThat(row("pc-i440fx-4.0").property(RowProperty.BLK_DISCARD)).contains("on");
    assertThat(row("pc-i440fx-3.1").property(RowProperty.BLK_DISCARD)).contains("off");
    assertThat(row("pc-q35-2.7").legacy()).isEqualTo(LegacyInterface.TRANSITIONAL);
    assertThat(row("pc-q35-2.6").legacy()).isEqualTo(LegacyInterface.LEGACY);
    assertThat(row("pc-i440fx-1.4").legacy()).isEqualTo(LegacyInterface.LEGACY);
  }

  @Test
  void namesAreUnique() {
    assertThat(rows().map(MachineRow::type)).doesNotHaveDuplicates();
  }
}
