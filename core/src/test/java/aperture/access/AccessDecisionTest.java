package aperture.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Device over global over row, for the offer of bit 33 and for strictness. */
class AccessDecisionTest {

  private static final String ROW = "board-2.12";

  private static final Levels SILENT = new Levels(Setting.UNSET, Setting.UNSET, false);

  private static AccessRequest request(Levels offer, Levels strict, boolean covers) {
    return new AccessRequest("blk0", ROW, offer, strict, UnackedAddressing.PHYSICAL, covers, false);
  }

  private static AccessRequest offer(Setting device, Setting global, boolean row) {
    return request(new Levels(device, global, row), SILENT, false);
  }

  private static AccessRequest strict(Setting device, Setting global, boolean row) {
    return request(SILENT, new Levels(device, global, row), false);
  }

  private static AccessRequest behindIommu(AccessRequest of, boolean unsafe) {
    return new AccessRequest(
        of.device(), of.row(), of.offer(), of.strict(), of.unacked(), true, unsafe);
  }

  private static AccessDecision offered(boolean strict, UnackedAddressing unacked)
      throws AccessConfigurationException {
    Levels on = new Levels(Setting.UNSET, Setting.UNSET, true);
    Levels strictness = new Levels(Setting.UNSET, Setting.UNSET, strict);
    return AccessDecision.decide(
        new AccessRequest("blk0", ROW, on, strictness, unacked, true, false));
  }

  /**
   * All of {unset, on, off} for device and global over every row. A row cannot be unset: a family
   * that says nothing says off, which makes the third row of each nine.
   */
  static Stream<Arguments> combinations() {
    return Arrays.stream(Setting.values())
        .flatMap(device ->
            Arrays.stream(Setting.values())
                .flatMap(global ->
                    Arrays.stream(Setting.values()).map(row -> Arguments.of(device, global, row))));
  }

  private static boolean expected(Setting device, Setting global, Setting row) {
    Setting first = device != Setting.UNSET ? device : global != Setting.UNSET ? global : row;
    return first == Setting.ON;
  }

  private static Level expectedLevel(Setting device, Setting global) {
    if (device != Setting.UNSET) {
      return Level.DEVICE;
    }
    return global != Setting.UNSET ? Level.GLOBAL : Level.MACHINE;
  }

  @ParameterizedTest(name = "T13 offer: device {0} over global {1} over row {2}")
  @MethodSource("combinations")
  void t13DeviceOverGlobalOverRowDecidesTheOffer(Setting device, Setting global, Setting row)
      throws AccessConfigurationException {
    AccessDecision decision = AccessDecision.decide(offer(device, global, row == Setting.ON));

    assertThat(decision.offer().on()).isEqualTo(expected(device, global, row));
    assertThat(decision.offer().level()).isEqualTo(expectedLevel(device, global));
    assertThat(decision.strict().on()).as("the other switch").isFalse();
    assertThat(decision.offer().provenance())
        .startsWith(expected(device, global, row) ? "on: " : "off: ")
        .contains(ROW);
  }

  @ParameterizedTest(name = "T13 strict: device {0} over global {1} over row {2}")
  @MethodSource("combinations")
  void t13DeviceOverGlobalOverRowDecidesStrictness(Setting device, Setting global, Setting row)
      throws AccessConfigurationException {
    AccessDecision decision = AccessDecision.decide(strict(device, global, row == Setting.ON));

    assertThat(decision.strict().on()).isEqualTo(expected(device, global, row));
    assertThat(decision.strict().level()).isEqualTo(expectedLevel(device, global));
    assertThat(decision.offer().on()).as("the other switch").isFalse();
  }

  @Test
  void theProvenanceSaysWhoDecidedAndWhoWasSilentOrOverruled() {
    assertThat(Effective.resolve(Setting.UNSET, Setting.UNSET, false, ROW).provenance())
        .isEqualTo("off: row board-2.12; device setting absent; global setting absent");
    assertThat(Effective.resolve(Setting.UNSET, Setting.ON, false, ROW).provenance())
        .isEqualTo("on: global setting; device setting absent; row board-2.12 says off");
    assertThat(Effective.resolve(Setting.OFF, Setting.ON, true, ROW).provenance())
        .isEqualTo("off: device setting; global setting on; row board-2.12 says on");
    assertThat(Effective.resolve(Setting.ON, Setting.UNSET, false, ROW).provenance())
        .isEqualTo("on: device setting; global setting absent; row board-2.12 says off");
  }

  @ParameterizedTest(name = "C5: off by device {0}, global {1}")
  @CsvSource({"OFF,UNSET", "OFF,ON", "OFF,OFF", "UNSET,OFF"})
  void c5OffBehindAnIommuIsAnErrorWhenAnOperatorAskedForIt(Setting device, Setting global) {
    AccessRequest request = behindIommu(offer(device, global, true), false);

    assertThatThrownBy(() -> AccessDecision.decide(request))
        .isInstanceOfSatisfying(
            AccessConfigurationException.class,
            e -> {
              assertThat(e.error()).isEqualTo(ConfigurationError.GOES_ROUND_IOMMU);
              assertThat(e.getMessage())
                  .contains("blk0")
                  .contains(device == Setting.OFF ? "off: device setting" : "off: global setting")
                  .contains(ROW)
                  .contains("set access-platform on")
                  .contains("unsafe override");
            });
  }

  @Test
  void c5TheUnsafeOverrideLetsItThroughWithAWarning() throws AccessConfigurationException {
    AccessDecision decision =
        AccessDecision.decide(behindIommu(offer(Setting.OFF, Setting.UNSET, true), true));

    assertThat(decision.offer().on()).isFalse();
    assertThat(decision.warning()).hasValueSatisfying(w -> assertThat(w).contains("off: device"));
  }

  @Test
  void c5OffByTheMachineRowIsTheAcknowledgedBypassWithAWarning()
      throws AccessConfigurationException {
    AccessDecision decision =
        AccessDecision.decide(behindIommu(offer(Setting.UNSET, Setting.UNSET, false), false));

    assertThat(decision.offer().on()).isFalse();
    assertThat(decision.iommuCovers()).isTrue();
    assertThat(decision.warning()).hasValueSatisfying(w -> assertThat(w).contains("off: row"));
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void withoutAnIommuEverySettingIsFineAndNothingIsWarnedAbout(Setting device)
      throws AccessConfigurationException {
    for (Setting global : Setting.values()) {
      assertThat(AccessDecision.decide(offer(device, global, true)).warning()).isEmpty();
    }
  }

  @Test
  void onBehindAnIommuIsNothingToWarnAbout() throws AccessConfigurationException {
    AccessDecision decision =
        AccessDecision.decide(behindIommu(offer(Setting.ON, Setting.UNSET, false), false));

    assertThat(decision.warning()).isEmpty();
  }

  @Test
  void strictnessAloneNeverMakesAnError() throws AccessConfigurationException {
    AccessRequest request = behindIommu(strict(Setting.ON, Setting.OFF, false), false);

    assertThat(AccessDecision.decide(request).strict().on()).isTrue();
  }

  @Test
  void onlyAnOfferedBitThatWasNotAcceptedIsRefusedAndOnlyWhenStrict()
      throws AccessConfigurationException {
    assertThat(offered(true, UnackedAddressing.PHYSICAL).refuses(false)).isTrue();
    assertThat(offered(true, UnackedAddressing.PHYSICAL).refuses(true)).isFalse();
    assertThat(offered(false, UnackedAddressing.PHYSICAL).refuses(false)).isFalse();
    AccessDecision unoffered = AccessDecision.decide(strict(Setting.ON, Setting.UNSET, false));
    assertThat(unoffered.refuses(false)).isFalse();
  }

  @Test
  void offeringTheBitSelectsTheDmaAddressSpaceAndNothingElseDoes()
      throws AccessConfigurationException {
    for (UnackedAddressing unacked : UnackedAddressing.values()) {
      for (boolean strict : new boolean[] {true, false}) {
        AccessDecision offered = offered(strict, unacked);
        assertThat(offered.addressSpace(true)).isEqualTo(AddressSpace.BUS);
        assertThat(offered.addressSpace(false))
            .isEqualTo(
                unacked == UnackedAddressing.TRANSLATED ? AddressSpace.BUS : AddressSpace.PHYSICAL);
      }
    }
    AccessDecision unoffered =
        AccessDecision.decide(behindIommu(offer(Setting.UNSET, Setting.UNSET, false), false));
    assertThat(unoffered.addressSpace(true))
        .as("an ack of nothing")
        .isEqualTo(AddressSpace.PHYSICAL);
    assertThat(unoffered.addressSpace(false)).isEqualTo(AddressSpace.PHYSICAL);
  }

  @Test
  void theWordsAreThoseOfTheCommandLine() {
    assertThat(Arrays.stream(Setting.values()).map(Setting::word))
        .containsExactlyInAnyOrder("on", "off", "unset");
    assertThat(Setting.of(true)).isEqualTo(Setting.ON);
    assertThat(Setting.of(false)).isEqualTo(Setting.OFF);
    assertThat(Arrays.stream(PathMode.values()).map(PathMode::letter))
        .containsExactlyInAnyOrder('N', 'I', 'T', 'B', 'W');
  }
}
