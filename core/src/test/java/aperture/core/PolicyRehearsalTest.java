package aperture.core;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DeviceSpec;
import aperture.admin.PolicyRehearsal;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Global settings for a trial, beside those that everybody's devices follow. */
class PolicyRehearsalTest {

  private final EchoRig rig = new EchoRig();
  private PolicyRehearsal rehearsal;

  @BeforeEach
  void start() throws ControlException {
    rig.machine("m", EchoRig.SILENT, Optional.of("none"));
    rehearsal = rig.aperture.policies().rehearse();
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private static DeviceSpec spec(String id) {
    return new DeviceSpec(
        "m", "echo", Optional.of(id), Setting.UNSET, Setting.UNSET, false, Map.of());
  }

  @Test
  void aRehearsedSettingIsInForceForDevicesAddedThereAfterwards() throws Exception {
    assertThat(rehearsal.add(spec("before")).offer()).isEqualTo("off");

    rehearsal.offer(Setting.ON);
    rehearsal.strict(Setting.OFF);

    assertThat(rehearsal.add(spec("after")).offer()).isEqualTo("on");
    assertThat(rig.aperture.devices().show("before").offer()).isEqualTo("off");
    assertThat(rig.aperture.policies().explain("after").offerProvenance())
        .startsWith("on: global setting");
    assertThat(rig.aperture.policies().explain("after").strictProvenance())
        .startsWith("off: global setting");
  }

  @Test
  void nobodyElsesDevicesFollowIt() throws Exception {
    rehearsal.offer(Setting.ON);
    PolicyRehearsal another = rig.aperture.policies().rehearse();

    assertThat(rig.aperture.devices().add(spec("elsewhere")).offer()).isEqualTo("off");
    assertThat(another.add(spec("another")).offer()).isEqualTo("off");
    assertThat(rig.aperture.policies().globalOffer()).isEqualTo(Setting.UNSET);
  }

  @Test
  void theSettingsOfThePlatformAreNotInForceInARehearsal() throws Exception {
    rig.aperture.policies().globalOffer(Setting.ON);

    assertThat(rehearsal.add(spec("there")).offer()).isEqualTo("off");
    assertThat(rig.aperture.policies().globalOffer()).isEqualTo(Setting.ON);
  }

  @Test
  void aDeviceAddedThereIsOneLikeAllOthers() throws Exception {
    rehearsal.add(spec("e"));

    assertThat(rig.aperture.devices().list()).extracting(device -> device.id()).contains("e");
    rig.aperture.devices().remove("e");
    assertThat(rig.aperture.devices().list()).isEmpty();
  }
}
