package aperture.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.testkit.FlatRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rows of machine families. */
class MachineRowTest {

  private static MachineRow row(List<String> iommus, String byDefault, Map<String, String> facts) {
    MachineRow flat = FlatRow.row("1.0", false);
    return new MachineRow(
        flat.type(),
        flat.family(),
        flat.version(),
        iommus,
        byDefault,
        flat.offer(),
        flat.strict(),
        flat.legacy(),
        flat.ram(),
        flat.reserved(),
        flat.pageSize(),
        flat.byteOrder(),
        facts);
  }

  @Test
  void theDefaultIommuMustBeAmongThePossible() {
    assertThatThrownBy(() -> row(List.of("a", "b"), "c", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("flat-1.0")
        .hasMessageContaining("c");
    assertThat(row(List.of("a", "b"), "b", Map.of()).defaultIommu()).isEqualTo("b");
  }

  @Test
  void aRowDoesNotChangeWithTheListsThatItWasMadeFrom() {
    List<String> iommus = new ArrayList<>(List.of("a"));
    Map<String, String> facts = new HashMap<>(Map.of("blk.queue-size", "128"));
    MachineRow row = row(iommus, "a", facts);

    iommus.clear();
    facts.clear();

    assertThat(row.iommus()).containsExactly("a");
    assertThat(row.property("blk.queue-size")).contains("128");
    assertThat(row.property("else")).isEmpty();
  }
}
