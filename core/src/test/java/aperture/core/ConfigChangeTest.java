package aperture.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.ControlException;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Devices whose configuration changes by itself, or because an operator wants another size. */
class ConfigChangeTest {

  private final EchoRig rig = new EchoRig();
  private EchoGuest guest;

  @BeforeEach
  void add() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    guest = rig.add("m", "dev");
  }

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aLiveDriverIsInterruptedAndReadsAnotherGeneration() throws Exception {
    guest.startTranslated();
    int before = guest.transport.configGeneration();

    guest.device.changeConfig(new byte[] {9, 8, 7, 6});

    assertThat(guest.configInterrupts).hasValue(1);
    assertThat(guest.transport.configGeneration()).isNotEqualTo(before);
    byte[] now = new byte[4];
    guest.transport.readConfig(0, now);
    assertThat(now).containsExactly(9, 8, 7, 6);
    assertThat(guest.echo((byte) 1)).as("it goes on").containsExactly(1);
  }

  @Test
  void aDriverThatIsNotLiveIsLeftAlone() throws Exception {
    guest.device.changeConfig(new byte[] {9});
    assertThat(guest.configInterrupts).hasValue(0);
    guest.startTranslated();
    guest.transport.writeStatus(0);
    guest.device.changeConfig(new byte[] {8});
    assertThat(guest.configInterrupts).hasValue(0);
    assertThat(guest.transport.configSize()).isEqualTo(1);
  }

  @Test
  void anOperatorResizesAndTheDriverIsTold() throws Exception {
    guest.startTranslated();

    assertThat(rig.aperture.devices().resize("dev", OptionalLong.of(2))).isEqualTo(2);

    assertThat(guest.configInterrupts).hasValue(1);
    assertThat(guest.transport.configSize()).isEqualTo(2);
    assertThat(rig.aperture.devices().resize("dev", OptionalLong.empty())).isEqualTo(2);
  }

  @Test
  void aSizeThatCannotBeIsTheCallersFaultAndAHostThatFailsIsNot() {
    assertRefused("dev", 9, ControlException.Kind.USAGE, "device dev: no more than 8 bytes");
    assertRefused("dev", 7, ControlException.Kind.FAILED, "device dev: the host fails");
    assertRefused("dve", 1, ControlException.Kind.USAGE, "did you mean 'dev'?");
  }

  private void assertRefused(String id, long bytes, ControlException.Kind kind, String message) {
    assertThatThrownBy(() -> rig.aperture.devices().resize(id, OptionalLong.of(bytes)))
        .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }
}
