package aperture.arch.ppc;

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
          new PseriesMachineDefaults(),
          new Ppce500MachineDefaults(),
          new PowernvMachineDefaults(),
          new Prep40pMachineDefaults(),
          new Mpc8544dsMachineDefaults(),
          new Mac99MachineDefaults(),
          new G3beigeMachineDefaults(),
          new BambooMachineDefaults(),
          new Pegasos2MachineDefaults(),
          new Sam460exMachineDefaults());

  private static Stream<MachineRow> rows() {
    return FAMILIES.stream().flatMap(family -> family.rows().stream());
  }

  private static MachineRow pseries(String version) {
    return rows().filter(row -> row.type().equals("pseries-" + version)).findFirst().orElseThrow();
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
    assertThat(new PseriesMachineDefaults().rows())
        .extracting(MachineRow::version)
        .containsExactly(
            "2.1",
            "2.2",
            "2.3",
            "2.4",
            "2.5",
            "2.6",
            "2.7",
            "2.8",
            "2.9",
            "2.10",
            "2.11",
            "2.12",
            "2.12-sxxm",
            "3.0",
            "3.1",
            "4.0",
            "4.1",
            "4.2",
            "5.0",
            "5.1",
            "5.2",
            "6.0",
            "6.1",
            "6.2",
            "7.0",
            "7.1",
            "7.2",
            "7.2-ap1");
  }

  @Test
  void noUpstreamRowOffersTheBitThoughTheTablesCannotBeRemoved() {
    assertThat(new PseriesMachineDefaults().rows())
        .filteredOn(row -> !row.version().equals("7.2-ap1"))
        .allSatisfy(row -> {
          assertThat(row.offer()).isFalse();
          assertThat(row.strict()).isTrue();
          assertThat(row.iommus()).containsExactly("spapr-tce");
        });
  }

  @Test
  void machinesWithoutAnIommuHaveNoneOrWindows() {
    assertThat(new Ppce500MachineDefaults().rows().getFirst().iommus()).containsExactly("none");
    assertThat(new Ppce500MachineDefaults().rows().getLast().defaultIommu())
        .isEqualTo("pci-window");
    assertThat(new Prep40pMachineDefaults().rows())
        .singleElement()
        .satisfies(row -> assertThat(row.iommus()).containsExactly("pci-window"));
  }

  @Test
  void plainMachinesOfferNothingBecauseNothingIsInFrontOfTheirDevices() {
    assertThat(FAMILIES.stream().skip(4))
        .extracting(MachineDefaults::family)
        .containsExactly("mpc8544ds", "mac99", "g3beige", "bamboo", "pegasos2", "sam460ex");
    assertThat(FAMILIES.stream().skip(4))
        .allSatisfy(family ->
            assertThat(family.rows())
                .singleElement()
                .satisfies(row -> {
                  assertThat(row.type()).isEqualTo(family.family());
                  assertThat(row.iommus()).containsExactly("none");
                  assertThat(row.offer()).isFalse();
                  assertThat(row.legacy()).isEqualTo(LegacyInterface.TRANSITIONAL);
                }));
  }

  @Test
  void bareMetalMachinesHaveTheBridgeOfTheirProcessor() {
    assertThat(new PowernvMachineDefaults().rows())
        .extracting(row -> row.type() + " " + row.defaultIommu())
        .containsExactly(
            "powernv8 powernv-phb3", "powernv9 powernv-phb4", "powernv10 powernv-phb4");
    assertThat(new PowernvMachineDefaults().rows())
        .allSatisfy(row -> assertThat(row.offer()).isFalse());
  }

  @Test
  void ourOwnRowIsTheNewestOneWithTheBitAndDynamicWindows() {
    assertThat(pseries("7.2-ap1").offer()).isTrue();
    assertThat(pseries("7.2-ap1").iommus()).containsExactly("spapr-tce-ddw");
    assertThat(pseries("7.2-ap1").properties()).isEqualTo(pseries("7.2").properties());
  }

  @Test
  void aDifferenceHoldsForItsVersionAndAllOlderOnes() {
    assertThat(pseries("5.0").property(RowProperty.BLK_QUEUE_SIZE)).contains("256");
    assertThat(pseries("4.2").property(RowProperty.BLK_QUEUE_SIZE)).contains("128");
    assertThat(pseries("2.1").property(RowProperty.BLK_QUEUE_SIZE)).contains("128");
    assertThat(pseries("5.2").property(RowProperty.BLK_QUEUES)).isEmpty();
    assertThat(pseries("5.1").property(RowProperty.BLK_QUEUES)).contains("1");
    assertThat(pseries("4.0").property(RowProperty.BLK_DISCARD)).contains("on");
    assertThat(pseries("3.1").property(RowProperty.BLK_WRITE_ZEROES)).contains("off");
    assertThat(pseries("2.12-sxxm").property(RowProperty.BLK_WRITE_ZEROES)).contains("off");
    assertThat(pseries("4.2").property("spapr.page-sizes")).contains("0x1211000");
    assertThat(pseries("4.1").property("spapr.page-sizes")).contains("0x11000");
    assertThat(pseries("2.7").property("spapr.ddw")).contains("on");
    assertThat(pseries("2.6").property("spapr.ddw")).contains("off");
    assertThat(pseries("2.7").legacy()).isEqualTo(LegacyInterface.TRANSITIONAL);
    assertThat(pseries("2.6").legacy()).isEqualTo(LegacyInterface.LEGACY);
    assertThat(pseries("2.1").legacy()).isEqualTo(LegacyInterface.LEGACY);
  }

  @Test
  void namesAreUnique() {
    assertThat(rows().map(MachineRow::type)).doesNotHaveDuplicates();
  }
}
