package aperture.arch.sparc;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
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
      List.of(new Sun4uMachineDefaults(), new NiagaraMachineDefaults(), new Sun4vMachineDefaults());

  private static Stream<MachineRow> rows() {
    return FAMILIES.stream().flatMap(family -> family.rows().stream());
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
  void theUpstreamRowDiffersFromOurOwnInTheOfferAlone() {
    MachineRow upstream = new Sun4uMachineDefaults().rows().getFirst();
    MachineRow own = new Sun4uMachineDefaults().rows().getLast();

    assertThat(upstream.type()).isEqualTo("sun4u");
    assertThat(upstream.offer()).isFalse();
    assertThat(own.type()).isEqualTo("sun4u-ap1");
    assertThat(own.offer()).isTrue();
    assertThat(own)
        .usingRecursiveComparison()
        .ignoringFields("type", "version", "offer")
        .isEqualTo(upstream);
  }

  @Test
  void onlySun4uHasAnIommuAndNeverWithout() {
    assertThat(new Sun4uMachineDefaults().rows())
        .allSatisfy(row -> assertThat(row.iommus()).containsExactly("sun4u"));
    assertThat(new NiagaraMachineDefaults().rows())
        .singleElement()
        .satisfies(row -> assertThat(row.iommus()).containsExactly("none"));
    assertThat(rows()).allSatisfy(row -> assertThat(row.strict()).isTrue());
  }

  @Test
  void namesAreUnique() {
    assertThat(rows().map(MachineRow::type)).doesNotHaveDuplicates();
  }

  @Test
  void aPartitionHasTheHypervisorsIommuOrNoBusForOne() {
    assertThat(new Sun4vMachineDefaults().rows())
        .singleElement()
        .satisfies(row -> {
          assertThat(row.iommus()).containsExactly("sun4v");
          assertThat(row.offer()).isFalse();
        });
    assertThat(new NiagaraMachineDefaults().rows())
        .singleElement()
        .satisfies(row -> assertThat(row.iommus()).containsExactly("none"));
  }
}
