package aperture.console.json;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RecordJsonTest {

  record Part(String name, long gpa) {}

  record Whole(
      String text,
      long count,
      int small,
      boolean truth,
      long iova,
      Access access,
      FaultKind kind,
      Duration elapsed,
      Duration whole,
      Optional<String> absent,
      Optional<Part> present,
      OptionalLong number,
      List<Part> parts,
      List<String> words,
      Map<String, String> facts) {}

  @Test
  void everyComponentIsAFieldOfItsName() {
    Whole whole =
        new Whole(
            "say \"hi\"\n",
            Long.MAX_VALUE,
            -1,
            true,
            -1,
            Access.WRITE,
            FaultKind.ADDRESS_SIZE,
            Duration.ofMillis(1500),
            Duration.ofSeconds(100),
            Optional.empty(),
            Optional.of(new Part("p", 4096)),
            OptionalLong.empty(),
            List.of(new Part("a", 0)),
            List.of("x", "y"),
            Map.of("b", "2", "a", "1"));

    assertThat(RecordJson.text(whole))
        .isEqualTo(
            "{\"text\":\"say \\\"hi\\\"\\n\",\"count\":9223372036854775807,\"small\":-1,"
                + "\"truth\":true,\"iova\":\"0xffffffffffffffff\",\"access\":\"w\","
                + "\"kind\":\"address-size\",\"elapsed\":1.5,\"whole\":100,\"absent\":null,"
                + "\"present\":{\"name\":\"p\",\"gpa\":\"0x1000\"},\"number\":null,"
                + "\"parts\":[{\"name\":\"a\",\"gpa\":\"0x0\"}],\"words\":[\"x\",\"y\"],"
                + "\"facts\":{\"a\":\"1\",\"b\":\"2\"}}");
  }

  @Test
  void aListIsAnArrayOfObjects() {
    assertThat(RecordJson.text(List.of(new Part("a", 1), new Part("b", 2))))
        .isEqualTo("[{\"name\":\"a\",\"gpa\":\"0x1\"},{\"name\":\"b\",\"gpa\":\"0x2\"}]");
    assertThat(RecordJson.text(List.of())).isEqualTo("[]");
  }
}
