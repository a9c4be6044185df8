package aperture.core.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.MachineType;
import aperture.admin.RowDifference;
import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.ReservedRange;
import aperture.memory.MemoryRange;
import aperture.testkit.FlatRow;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What rows say in words, and in what two of them differ. */
class RowFactsTest {

  private static final MachineRow PLAIN = FlatRow.row("1.0", false);

  private static MachineRow with(String version, Map<String, String> properties) {
    return new MachineRow(
        PLAIN.family() + "-" + version,
        PLAIN.family(),
        version,
        PLAIN.iommus(),
        PLAIN.defaultIommu(),
        PLAIN.offer(),
        PLAIN.strict(),
        PLAIN.legacy(),
        PLAIN.ram(),
        PLAIN.reserved(),
        PLAIN.pageSize(),
        PLAIN.byteOrder(),
        properties);
  }

  @Test
  void namesAndVersionsAreNoDifference() {
    assertThat(RowFacts.difference(PLAIN, with("9.9", Map.of()))).isEmpty();
  }

  @Test
  void everyFieldThatDiffersIsNamedWithBothValues() {
    MachineRow other =
        new MachineRow(
            "flat-3.0",
            "flat",
            "3.0",
            List.of("none"),
            "none",
            true,
            false,
            LegacyInterface.TRANSITIONAL,
            List.of(new RamSlot(0x1000, 0x1000)),
            List.of(new ReservedRange(new MemoryRange(0, 16), "a"), PLAIN.reserved().getFirst()),
            8192,
            ByteOrderName.BIG,
            Map.of());

    assertThat(RowFacts.difference(PLAIN, other))
        .containsExactly(
            new RowDifference("iommus", "none, flat-test", "none"),
            new RowDifference("defaultIommu", "flat-test", "none"),
            new RowDifference("offer", "off", "on"),
            new RowDifference("strict", "on", "off"),
            new RowDifference("legacy", "modern", "transitional"),
            new RowDifference("ram", "0x0-0x3fffffff, 0x100000000-0x100ffffffff", "0x1000-0x1fff"),
            new RowDifference(
                "reserved",
                "0x100000-0x10ffff interrupts",
                "0x0-0xf a, 0x100000-0x10ffff interrupts"),
            new RowDifference("pageSize", "4096", "8192"),
            new RowDifference("byteOrder", "little", "big"));
  }

  @Test
  void aRowOfAllFieldsIsComparedInAllOfThem() {
    List<String> compared =
        RowFacts.difference(
                PLAIN,
                new MachineRow(
                    "t",
                    "f",
                    "v",
                    List.of("k"),
                    "k",
                    true,
                    false,
                    LegacyInterface.LEGACY,
                    List.of(),
                    List.of(),
                    1,
                    ByteOrderName.BIG,
                    Map.of("p", "")))
            .stream()
            .map(RowDifference::field)
            .toList();

    assertThat(Arrays.stream(MachineRow.class.getRecordComponents()).map(RecordComponent::getName))
        .filteredOn(name -> !List.of("type", "family", "version", "properties").contains(name))
        .containsExactlyElementsOf(compared);
    assertThat(Arrays.stream(MachineType.class.getRecordComponents()).map(RecordComponent::getName))
        .containsAll(compared);
  }

  @Test
  void propertiesAreComparedByNameAndAnAbsentOneIsEmpty() {
    MachineRow here = with("1", Map.of("blk.queues", "1", "z", "same", "a", "old"));
    MachineRow next = with("2", Map.of("net.vectors", "3", "z", "same", "a", "new"));

    assertThat(RowFacts.difference(here, next))
        .containsExactly(
            new RowDifference("a", "old", "new"),
            new RowDifference("blk.queues", "1", ""),
            new RowDifference("net.vectors", "", "3"));
  }

  @Test
  void theNewestSaysThatItIsAndDiffersFromNothing() {
    MachineType newest = RowFacts.type(new RowCopy(PLAIN, "a", Optional.empty()));

    assertThat(newest.newest()).isTrue();
    assertThat(newest.next()).isEmpty();
    assertThat(newest.difference()).isEmpty();
  }

  @Test
  void aRowEqualToTheNextIsNotTheNewest() {
    MachineType type =
        RowFacts.type(new RowCopy(PLAIN, "a", Optional.of(with("1.1", PLAIN.properties()))));

    assertThat(type.newest()).isFalse();
    assertThat(type.next()).isEqualTo("flat-1.1");
    assertThat(type.difference()).isEmpty();
    assertThat(type.reserved()).containsExactly("0x100000-0x10ffff interrupts");
  }
}
