package aperture.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Which registers a device has, what cannot carry the offer, and what a confidential machine does.
 */
class InterfacesTest {

  private static final String ROW = "board-2.12";

  private static AccessRequest request(
      Setting offer, Interfaces.Choice interfaces, boolean confidential) {
    return new AccessRequest(
        "blk0",
        ROW,
        new Levels(offer, Setting.UNSET, false),
        new Levels(Setting.UNSET, Setting.UNSET, true),
        UnackedAddressing.PHYSICAL,
        Wiring.SOFTWARE,
        interfaces,
        false,
        confidential,
        false);
  }

  private static Interfaces interfaces(
      Setting offer, Transport transport, Setting legacy, boolean rowLegacy, boolean rowModern)
      throws AccessConfigurationException {
    return AccessDecision.decide(
            request(offer, new Interfaces.Choice(transport, legacy, rowLegacy, rowModern), false))
        .interfaces();
  }

  @ParameterizedTest(name = "offer {0}, {1}, legacy {2}, row legacy {3} modern {4}")
  @CsvSource({
    "OFF,   PCI,         UNSET, true,  true,  true,  true",
    "OFF,   PCI,         OFF,   true,  true,  true,  false",
    "OFF,   PCI,         UNSET, false, true,  true,  false",
    "OFF,   PCI,         ON,    false, true,  true,  true",
    "OFF,   PCI,         UNSET, true,  false, false, true",
    "ON,    PCI,         UNSET, true,  true,  true,  false",
    "ON,    PCI,         OFF,   true,  true,  true,  false",
    "OFF,   MMIO,        UNSET, true,  true,  true,  false",
    "ON,    MMIO,        ON,    true,  false, true,  false",
    "OFF,   MMIO_LEGACY, UNSET, false, true,  false, true"
  })
  void theOfferAndTheTransportLeaveTheseRegisters(
      Setting offer,
      Transport transport,
      Setting legacy,
      boolean rowLegacy,
      boolean rowModern,
      boolean modern,
      boolean stays)
      throws AccessConfigurationException {
    assertThat(interfaces(offer, transport, legacy, rowLegacy, rowModern))
        .isEqualTo(new Interfaces(modern, stays));
  }

  @ParameterizedTest(name = "C1: legacy {0}, row modern {1}")
  @CsvSource({"ON,true,set legacy off", "UNSET,false,newer machine type", "OFF,false,newer"})
  void c1TheLegacyInterfaceCannotCarryTheOffer(Setting legacy, boolean rowModern, String cure) {
    assertThatThrownBy(() -> interfaces(Setting.ON, Transport.PCI, legacy, true, rowModern))
        .isInstanceOfSatisfying(
            AccessConfigurationException.class,
            e -> {
              assertThat(e.error()).isEqualTo(ConfigurationError.LEGACY_INTERFACE);
              assertThat(e).hasMessageContaining("blk0").hasMessageContaining("on: device setting");
              assertThat(e).hasMessageContaining(cure);
            });
  }

  @Test
  void c4ATransportOf32FeatureBitsCannotCarryTheOffer() {
    assertThatThrownBy(
            () -> interfaces(Setting.ON, Transport.MMIO_LEGACY, Setting.UNSET, true, true))
        .isInstanceOfSatisfying(
            AccessConfigurationException.class,
            e -> {
              assertThat(e.error()).isEqualTo(ConfigurationError.NARROW_TRANSPORT);
              assertThat(e)
                  .hasMessageContaining("on: device setting")
                  .hasMessageContaining("transport mmio-legacy")
                  .hasMessageContaining("use transport mmio,");
            });
  }

  @Test
  void aDeviceThatNoDriverCouldReachIsRefused() {
    assertThatThrownBy(() -> interfaces(Setting.OFF, Transport.PCI, Setting.OFF, true, false))
        .isInstanceOfSatisfying(
            AccessConfigurationException.class,
            e -> assertThat(e.error()).isEqualTo(ConfigurationError.NO_INTERFACE))
        .hasMessageContaining("no driver could reach it");
  }

  @Test
  void aConfidentialMachineOffersTheBitWhateverTheRowSays() throws AccessConfigurationException {
    AccessDecision decision =
        AccessDecision.decide(
            request(
                Setting.UNSET,
                new Interfaces.Choice(Transport.PCI, Setting.UNSET, true, true),
                true));

    assertThat(decision.offer().on()).isTrue();
    assertThat(decision.offer().provenance()).contains("confidential").contains("row " + ROW);
    assertThat(decision.interfaces().legacy()).isFalse();
  }

  @Test
  void c7TurningTheOfferOffOnAConfidentialMachineIsAnError() {
    assertThatThrownBy(
            () -> AccessDecision.decide(request(Setting.OFF, Interfaces.Choice.MODERN, true)))
        .isInstanceOfSatisfying(
            AccessConfigurationException.class,
            e -> {
              assertThat(e.error()).isEqualTo(ConfigurationError.CONFIDENTIAL_MACHINE);
              assertThat(e)
                  .hasMessageContaining("off: device setting")
                  .hasMessageContaining("remove the setting");
            });
  }

  @ParameterizedTest
  @EnumSource(Wiring.class)
  void withoutTheOfferOnlyAPhysicalFunctionUsesTheAddressesOfTheBus(Wiring wiring)
      throws AccessConfigurationException {
    AccessRequest plain = request(Setting.OFF, Interfaces.Choice.MODERN, false);
    AccessDecision decision =
        AccessDecision.decide(
            new AccessRequest(
                plain.device(),
                plain.row(),
                plain.offer(),
                plain.strict(),
                plain.unacked(),
                wiring,
                plain.interfaces(),
                false,
                false,
                false));

    assertThat(decision.addressSpace(false))
        .isEqualTo(wiring == Wiring.HARDWARE ? AddressSpace.BUS : AddressSpace.PHYSICAL);
  }

  @Test
  void aPhysicalFunctionBehindAnIommuMayKeepSilentAndIsWarnedAbout()
      throws AccessConfigurationException {
    AccessRequest plain = request(Setting.OFF, Interfaces.Choice.MODERN, false);
    AccessDecision decision =
        AccessDecision.decide(
            new AccessRequest(
                plain.device(),
                plain.row(),
                plain.offer(),
                plain.strict(),
                plain.unacked(),
                Wiring.HARDWARE,
                plain.interfaces(),
                true,
                false,
                false));

    assertThat(decision.warning())
        .hasValueSatisfying(text -> assertThat(text).contains("does not say so"));
  }
}
