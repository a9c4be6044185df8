package aperture.console.reference;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.MachineType;
import aperture.core.Aperture;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docs/machines.md} says what the bundles say. */
class MachinesPageTest {

  private static final Path FILE = Path.of("../docs/machines.md");
  private static final String WRITE = "reference.write";
  private static final String CURE =
      "mvn -o -q test -pl console -am -Dtest=MachinesPageTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dreference.write=true";

  private static List<MachineType> types;
  private static List<IommuBehavior> behaviors;

  @BeforeAll
  static void readTheBundles() {
    Suppliers suppliers = Suppliers.onClassPath();
    behaviors = suppliers.behaviors();
    try (Aperture engine = suppliers.engine()) {
      types = engine.machines().types();
    }
  }

  @Test
  void thePageSaysWhatTheBundlesSay() throws IOException {
    String present = Files.exists(FILE) ? Files.readString(FILE) : "# Machine types\n\n";
    String wanted = new MachinesPage(types, behaviors).text(present);
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(FILE, wanted);
    }

    assertThat(FILE)
        .as("docs/machines.md is stale; this writes it anew: %s", CURE)
        .hasContent(wanted);
  }

  @Test
  void allFourBundlesAreThere() {
    assertThat(types).extracting(MachineType::arch).contains("arm64", "ppc", "sparc", "x86");
    assertThat(types).extracting(MachineType::type).doesNotHaveDuplicates();
  }

  @Test
  void everyKindThatARowMayHaveIsSuppliedAndEverySuppliedKindHasARow() {
    assertThat(
            types.stream()
                .flatMap(type -> type.iommus().stream())
                .filter(kind -> !kind.equals(MachineRow.NO_IOMMU))
                .collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(behaviors.stream().map(IommuBehavior::kind).toList());
  }

  @Test
  void whatPeopleWroteAroundThePartStays() {
    MachinesPage page = new MachinesPage(types, behaviors);

    String once = page.text("# Title\n\nBefore.\n\n");
    String twice = page.text(once + "\nAfter.\n");

    assertThat(twice).isEqualTo(once + "\nAfter.\n").startsWith("# Title\n\nBefore.\n\n<!--");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4096 | 4 KiB",
        "2097152,4096 | 4 KiB, 2 MiB",
        "8,4,2 | 2 bytes, 4 bytes, 8 bytes",
        "1024,2048,4096,8192,1073741824 | any power of two from 1 KiB to 8 KiB, 1 GiB",
      })
  void pageSizesAreInOrderAndManyAreARange(String sizes, String text) {
    assertThat(ByteSizes.text(List.of(sizes.split(",")).stream().map(Long::valueOf).toList()))
        .isEqualTo(text);
  }
}
