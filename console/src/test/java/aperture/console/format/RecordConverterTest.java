package aperture.console.format;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.console.control.FakeTypes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.Converter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordConverterTest {

  private final RecordConverter converter = new RecordConverter();

  record Inner(String name, long iova, boolean good) {}

  record Outer(
      String name,
      long pauseMicros,
      Duration elapsed,
      Optional<String> absent,
      List<Inner> inners,
      Map<String, String> facts,
      Optional<Inner> nested) {}

  private static final Outer OUTER =
      new Outer(
          "o",
          1234,
          Duration.ofMillis(2500),
          Optional.empty(),
          List.of(new Inner("a", 255, true), new Inner("long name", -1, false)),
          Map.of("z", "1", "a", "2"),
          Optional.of(new Inner("n", 16, true)));

  private String format(Object target, int level) {
    return String.valueOf(converter.format(target, level, null));
  }

  @Test
  void aPageShowsSingleValuesFirstAndPartsBelow() {
    assertThat(format(OUTER, Converter.INSPECT))
        .isEqualTo(
            """
            name     o
            pause    1.23 ms
            elapsed  2.50 s
            absent   -
            inners
              NAME       IOVA                GOOD
              a          0xff                yes
              long name  0xffffffffffffffff  no
            facts
              a  2
              z  1
            nested
              name  n
              iova  0x10
              good  yes
            """);
  }

  @Test
  void aLineNamesItsValuesAndAPartIsTheName() {
    assertThat(format(new Inner("a", 255, true), Converter.LINE))
        .isEqualTo("name=a iova=0xff good=yes");
    assertThat(format(new Inner("a", 255, true), Converter.PART)).isEqualTo("a");
    assertThat(converter.convert(String.class, new Inner("a", 255, true))).isEqualTo("a");
  }

  @Test
  void rowsAreAlignedAndNothingIsCutOff() {
    String word = "x".repeat(300);
    var types =
        Listing.of(List.of(FakeTypes.of("t", "f", "", "a", List.of("none", word), "none")), "none");

    assertThat(format(types, Converter.INSPECT))
        .startsWith("TYPE  FAMILY  VERSION  ARCH  IOMMUS")
        .contains("t     f       -        a     none, " + word);
    assertThat(format(types, Converter.LINE)).isEqualTo("t");
  }

  @Test
  void anEmptyListSaysItsText() {
    assertThat(format(Listing.of(List.of(), "nothing; do x"), Converter.INSPECT))
        .isEqualTo("nothing; do x\n");
  }

  @Test
  void whatIsNotOursIsLeftToOthers() {
    record Foreign(String name) {}
    assertThat(converter.format("text", Converter.INSPECT, null)).isNull();
    assertThat(converter.format(List.of(), Converter.INSPECT, null)).isNull();
    assertThat(converter.format(List.of("a", "b"), Converter.INSPECT, null)).isNull();
    assertThat(converter.format(null, Converter.INSPECT, null)).isNull();
    assertThat(converter.format(List.of(new Inner("a", 1, true), "b"), Converter.INSPECT, null))
        .isNull();
    assertThat(new Foreign("x").name()).isEqualTo("x");
  }

  @Test
  void aValueCannotSteerTheTerminal() {
    assertThat(format(new Inner("\u001b[2Jx\ny", 1, true), Converter.INSPECT))
        .contains("?[2Jx?y")
        .doesNotContain("\u001b");
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1024, 1K", "1536, 1536", "67108864, 64M", "0, 0", "1073741824, 1G"})
  void bytesHaveAUnitWhereThatIsExact(long bytes, String text) {
    assertThat(Values.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-8, true",
    "US-ASCII, false",
    "ISO-8859-1, false",
    "nonsense!, false",
    "'', false"
  })
  void signsAppearOnlyInUtf8(String charset, boolean signs) {
    assertThat(Marks.forCharset(charset).good().equals("\u2713")).isEqualTo(signs);
  }
}
