package aperture.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DeviceSpec;
import aperture.admin.MachineInfo;
import aperture.admin.MachineSpec;
import aperture.admin.RowDifference;
import aperture.testkit.FlatRow;
import aperture.testkit.HookedBehavior;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Machines: made whole or not at all. */
class MachinesTest {

  private static final long MIB = 1L << 20;

  private final Aperture aperture = Aperture.standalone();

  @BeforeEach
  void arrive() {
    aperture.family(new FlatRow(), FlatRow.ARCH);
  }

  @AfterEach
  void close() {
    aperture.close();
  }

  private MachineInfo create(String name, String type, long memory, String iommu)
      throws ControlException {
    return aperture
        .machines()
        .create(new MachineSpec(name, type, memory, Optional.ofNullable(iommu)));
  }

  @Test
  void memoryFillsTheSlotsOfTheRowInOrder() throws Exception {
    assertThat(create("small", "flat-1.0", 16 * MIB, "none").ram()).containsExactly("0x0-0xffffff");
    MachineInfo large = create("large", "flat-1.0", (1 << 10) * MIB + 4096, "none");

    assertThat(large.ram()).containsExactly("0x0-0x3fffffff", "0x100000000-0x100000fff");
    assertThat(large.memory()).isEqualTo((1 << 10) * MIB + 4096);
    assertThat(large.reserved()).containsExactly("0x100000-0x10ffff interrupts");
    assertThat(large.iommuState()).isEqualTo("none");
  }

  @Test
  void aWrongNameTypeSizeOrIommuIsAUsageErrorThatNamesIt() {
    aperture.behavior(new HookedBehavior());
    refused("", "flat-1.0", MIB, null, "machine name");
    refused("-x", "flat-1.0", MIB, null, "machine name");
    refused("a".repeat(64), "flat-1.0", MIB, null, "machine name");
    refused("m", "flat-1.1", MIB, null, "did you mean 'flat-1.0'");
    refused("m", "flat-1.0", MIB - 4096, null, "at least 1 MiB");
    refused("m", "flat-1.0", MIB + 1, null, "multiple of 4096");
    refused("m", "flat-1.0", -MIB, null, "at least 1 MiB");
    refused("m", "flat-1.0", 1L << 50, null, "has room for");
    refused("m", "flat-1.0", MIB, "vtd", "flat-test");
    assertThat(aperture.machines().list()).isEmpty();
  }

  private void refused(String name, String type, long memory, String iommu, String says) {
    assertThatThrownBy(() -> create(name, type, memory, iommu))
        .isInstanceOfSatisfying(
            ControlException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(ControlException.Kind.USAGE);
              assertThat(e.getMessage()).contains(says);
            });
  }

  @Test
  void optionsOfAnIommuReachItsBehaviourAndNoOther() throws Exception {
    HookedBehavior behavior = new HookedBehavior().takes("pace", "width");
    aperture.behavior(behavior);

    MachineInfo machine = create("m", "flat-1.0", MIB, "flat-test,pace=slow,width=");

    assertThat(machine.iommu()).isEqualTo("flat-test");
    assertThat(behavior.given())
        .containsExactlyInAnyOrderEntriesOf(Map.of("pace", "slow", "width", ""));
    refused("n", "flat-1.0", MIB, "flat-test,peace=slow", "did you mean 'pace'?");
    refused("n", "flat-1.0", MIB, "flat-test,pace", "'pace' is no NAME=VALUE");
    refused("n", "flat-1.0", MIB, "flat-test,=x", "'=x' is no NAME=VALUE");
    refused("n", "flat-1.0", MIB, "flat-test,pace=1,pace=2", "twice");
    refused("n", "flat-1.0", MIB, "none,pace=1", "no IOMMU");
  }

  @Test
  void aKindWithoutOptionsTakesNone() {
    aperture.behavior(new HookedBehavior());

    refused("m", "flat-1.0", MIB, "flat-test,pace=slow", "takes no options");
  }

  @Test
  void withoutABehaviourOfTheKindTheCapabilityIsMissing() {
    assertThatThrownBy(() -> create("m", "flat-2.0", 16 * MIB, null))
        .isInstanceOfSatisfying(
            ControlException.class,
            e -> assertThat(e.kind()).isEqualTo(ControlException.Kind.CAPABILITY_MISSING))
        .hasMessageContaining("flat-test");
    assertThat(aperture.machines().list()).isEmpty();
  }

  @Test
  void aBehaviourThatRefusesMakesNoMachineAndTheNameIsFreeAgain() throws Exception {
    HookedBehavior behavior = new HookedBehavior().refuse("not today");
    aperture.behavior(behavior);
    assertThatThrownBy(() -> create("m", "flat-2.0", 16 * MIB, null))
        .isInstanceOf(ControlException.class)
        .hasMessageContaining("not today");
    behavior.refuse("");

    assertThat(create("m", "flat-2.0", 16 * MIB, null).behavior()).startsWith("class-path");
    assertThatThrownBy(() -> create("m", "flat-1.0", 16 * MIB, "none"))
        .hasMessageContaining("exists already");
    aperture.machines().destroy("m");
    create("m", "flat-1.0", 16 * MIB, "none");
  }

  @Test
  void aTypeSaysHowItDiffersFromTheNextOfItsFamily() {
    assertThat(aperture.machines().types())
        .extracting("type", "newest", "next", "difference")
        .containsExactly(
            tuple("flat-1.0", false, "flat-2.0", List.of(new RowDifference("offer", "off", "on"))),
            tuple("flat-2.0", true, "", List.of()));
  }

  @Test
  void twoMachinesOfOneArchitectureMayDifferInTheirDefault() throws Exception {
    assertThat(aperture.machines().types())
        .extracting("type", "offer", "strict")
        .containsExactly(tuple("flat-1.0", "off", "on"), tuple("flat-2.0", "on", "on"));
    create("old", "flat-1.0", 16 * MIB, "none");
    create("new", "flat-2.0", 16 * MIB, "none");
    EchoDevice.Type echo = new EchoDevice.Type();
    aperture.deviceType(echo);

    for (String machine : new String[] {"old", "new"}) {
      var device =
          aperture
              .devices()
              .add(
                  new DeviceSpec(
                      machine,
                      "echo",
                      Optional.empty(),
                      Setting.UNSET,
                      Setting.UNSET,
                      false,
                      Map.of()));
      assertThat(device.offer()).isEqualTo(machine.equals("old") ? "off" : "on");
    }
  }
}
