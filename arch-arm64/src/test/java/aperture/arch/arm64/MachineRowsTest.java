package aperture.arch.arm64;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.ReservedRange;
import aperture.machine.RowProperty;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MachineRowsTest {

  private final List<MachineRow> virt = new VirtMachineDefaults().rows();
  private final List<MachineRow> sbsa = new SbsaRefMachineDefaults().rows();

  @Test
  void landedRowsNeverChange() throws IOException {
    String golden;
    try (InputStream in = MachineRowsTest.class.getResourceAsStream("rows.golden")) {
      golden = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String now =
        Stream.of(virt, sbsa)
            .flatMap(List::stream)
            .map(MachineRowsTest::text)
            .collect(Collectors.joining());

    assertThat(now).isEqualTo(golden);
  }

  @Test
  void versionsStandOldestFirst() {
    assertThat(virt.stream().map(MachineRow::version))
        .containsExactly(
            "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "3.0", "3.1", "4.0", "4.1", "4.2",
            "5.0", "5.1", "5.2", "6.0", "6.1", "6.2", "7.0", "7.1", "7.2", "7.2-ap1");
    assertThat(virt).allSatisfy(row -> assertThat(row.type()).isEqualTo("virt-" + row.version()));
  }

  @Test
  void upstreamNamesSayWhatUpstreamSays() {
    assertThat(virt)
        .filteredOn(row -> !row.version().endsWith("-ap1"))
        .allSatisfy(row -> {
          assertThat(row.defaultIommu()).isEqualTo(MachineRow.NO_IOMMU);
          assertThat(row.offer()).isFalse();
          assertThat(row.strict()).isTrue();
          assertThat(row.iommus()).containsExactly("none", "arm-smmuv3");
        });
    assertThat(sbsa.getFirst().type()).isEqualTo("sbsa-ref");
    assertThat(sbsa.getFirst().offer()).isFalse();
  }

  @Test
  void ourOwnSbsaRefDiffersFromTheUpstreamOneInTheOfferAlone() {
    assertThat(sbsa).extracting(MachineRow::type).containsExactly("sbsa-ref", "sbsa-ref-ap1");
    assertThat(sbsa.getLast().offer()).isTrue();
    assertThat(sbsa.getLast())
        .usingRecursiveComparison()
        .ignoringFields("type", "version", "offer")
        .isEqualTo(sbsa.getFirst());
  }

  @Test
  void ourOwnRowHasAnSmmuAndOffersTheBit() {
    MachineRow own = row("7.2-ap1");

    assertThat(own.defaultIommu()).isEqualTo("arm-smmuv3");
    assertThat(own.offer()).isTrue();
    assertThat(own.strict()).isTrue();
  }

  @Test
  void sbsaRefCannotDoWithoutAnSmmu() {
    assertThat(sbsa).allSatisfy(row -> assertThat(row.iommus()).containsExactly("arm-smmuv3"));
  }

  @Test
  void anOlderVersionKeepsTheDifferencesOfItsSuccessors() {
    assertThat(row("4.2").property(RowProperty.BLK_QUEUE_SIZE)).hasValue("128");
    assertThat(row("5.0").property(RowProperty.BLK_QUEUE_SIZE)).hasValue("256");
    assertThat(row("2.6").property(RowProperty.BLK_QUEUE_SIZE)).hasValue("128");
    assertThat(row("3.1").property(RowProperty.BLK_DISCARD)).hasValue("off");
    assertThat(row("4.0").property(RowProperty.BLK_DISCARD)).hasValue("on");
    assertThat(row("5.1").property(RowProperty.BLK_QUEUES)).hasValue("1");
    assertThat(row("5.2").property(RowProperty.BLK_QUEUES)).isEmpty();
    assertThat(row("2.7").legacy()).isEqualTo(LegacyInterface.TRANSITIONAL);
    assertThat(row("2.6").legacy()).isEqualTo(LegacyInterface.LEGACY);
  }

  @Test
  void theDoorbellIsTheOneThatTheVersionHas() {
    assertThat(row("6.2").reserved()).anyMatch(r -> r.range().contains(0x0809_0040L));
    assertThat(purposes(row("6.2"))).contains("ITS doorbell").doesNotContain("GICv2m doorbell");
    assertThat(purposes(row("6.1"))).contains("GICv2m doorbell").doesNotContain("ITS doorbell");
    assertThat(purposes(sbsa.get(0))).containsExactly("software MSI window");
  }

  private MachineRow row(String version) {
    return virt.stream().filter(r -> r.version().equals(version)).findFirst().orElseThrow();
  }

  private static List<String> purposes(MachineRow row) {
    return row.reserved().stream().map(ReservedRange::purpose).toList();
  }

  private static String text(MachineRow row) {
    StringBuilder text = new StringBuilder();
    text.append(row.type()).append('\n');
    line(text, "family", row.family() + ", version '" + row.version() + "'");
    line(text, "iommu", row.defaultIommu() + " of " + row.iommus());
    line(text, "access", "offer " + row.offer() + ", strict " + row.strict());
    line(text, "legacy", row.legacy());
    for (RamSlot slot : row.ram()) {
      line(text, "ram", "0x%x + 0x%x".formatted(slot.base(), slot.capacity()));
    }
    for (ReservedRange range : row.reserved()) {
      line(text, "reserved", range.range() + " " + range.purpose());
    }
    line(text, "page", row.pageSize() + " " + row.byteOrder());
    new TreeMap<>(row.properties()).forEach((name, value) -> line(text, name, value));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, Object value) {
    text.append("  ").append(name).append(": ").append(value).append('\n');
  }

  /** The services are named by the family and arch properties. */
  @Test
  void familiesAreNamed() {
    MachineDefaults first = new VirtMachineDefaults();
    MachineDefaults second = new SbsaRefMachineDefaults();

    assertThat(first.family()).isEqualTo("virt");
    assertThat(second.family()).isEqualTo("sbsa-ref");
    assertThat(first.rows()).allMatch(row -> row.family().equals("virt"));
  }
}
