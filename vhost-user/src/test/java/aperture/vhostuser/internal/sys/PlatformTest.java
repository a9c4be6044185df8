package aperture.vhostuser.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {

  @ParameterizedTest
  @ValueSource(strings = {"amd64", "x86_64", "aarch64", "arm64"})
  void linuxOnBothProcessorsIsServed(String processor) {
    assertThat(Platform.refusal("Linux", processor, ByteOrder.LITTLE_ENDIAN)).isEmpty();
  }

  @Test
  void everyOtherHostIsToldWhatIsMissing() {
    assertThat(Platform.refusal("Mac OS X", "aarch64", ByteOrder.LITTLE_ENDIAN))
        .hasValue("vhost-user needs Linux, and this is Mac OS X");
    assertThat(Platform.refusal("Linux", "s390x", ByteOrder.BIG_ENDIAN))
        .hasValue("vhost-user needs a little-endian host, and s390x is not");
    assertThat(Platform.refusal("Linux", "riscv64", ByteOrder.LITTLE_ENDIAN))
        .hasValue("vhost-user needs an x86-64 or aarch64 host, and this is riscv64");
  }
}
