package aperture.console.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.ControlException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "512, 512",
    "4K, 4096",
    "4k, 4096",
    "64M, 67108864",
    "1G, 1073741824",
    "1GiB, 1073741824",
    "0x1000, 4096",
    "0x10K, 16384",
    "0xB, 11",
    "8T, 8796093022208",
    "9223372036854775807, 9223372036854775807",
  })
  void sizesTakeUnitsAndHexadecimal(String text, long bytes) throws Exception {
    assertThat(Numbers.size("size", text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        "K",
        "1.5G",
        "64Q",
        "64MM",
        "0x",
        "9223372036854775808",
        "8388608T"
      })
  void whatIsNoSizeIsSaidSo(String text) {
    assertThatThrownBy(() -> Numbers.size("--memory", text))
        .isInstanceOf(ControlException.class)
        .hasMessageStartingWith("--memory '" + text + "' is no size");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0xffffffffffffffff, -1", "18446744073709551615, -1", "0X10, 16"})
  void numbersHave64Bits(String text, long value) throws Exception {
    assertThat(Numbers.unsigned("n", text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "+1", "0x", "0x-1", "18446744073709551616", "1e3"})
  void whatIsNoNumberIsSaidSo(String text) {
    assertThatThrownBy(() -> Numbers.unsigned("IOVA", text))
        .isInstanceOf(ControlException.class)
        .hasMessageStartingWith("IOVA '" + text + "' is no number");
  }
}
