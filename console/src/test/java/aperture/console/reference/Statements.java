package aperture.console.reference;

import aperture.console.reference.Statement.Test;
import java.util.List;
import java.util.stream.Stream;

/** Everything said in the discussion that can be tested. */
final class Statements {

  private Statements() {}

  static List<Statement> all() {
    return Stream.of(andy(), andyLater(), ben(), jan(), disagreements())
        .flatMap(List::stream)
        .toList();
  }

  private static Test lines(String method) {
    return new Test("core", "aperture.core.NegotiationLinesTest", method);
  }

  private static Test wiring(String method) {
    return new Test("core", "aperture.core.WiringTest", method);
  }

  private static Test decision(String method) {
    return new Test("core", "aperture.access.AccessDecisionTest", method);
  }

  private static Test kinds(String method) {
    return new Test("guest", "aperture.guest.KindsTest", method);
  }

  private static Test cautious(String method) {
    return new Test("guest", "aperture.guest.CautiousKindsTest", method);
  }

  private static Test xen(String method) {
    return new Test("guest", "aperture.guest.XenKindsTest", method);
  }

  private static Test rows(String module, String arch, String method) {
    return new Test(module, "aperture.arch." + arch + ".MachineRowsTest", method);
  }

  private static Test thread(String method) {
    return new Test("console", "aperture.console.reference.ThreadPageTest", method);
  }

  /** Rows are carried out by one method, each under its name. */
  private static Test row(String name) {
    return thread("aRowComesOutAsItsAuthorsClaim").of(name);
  }

  private static List<Statement> andy() {
    return List.of(
        Statement.of(
            "A1",
            "There is a feature bit by which a device says that it goes through the platform's"
                + " IOMMU.",
            decision("t13DeviceOverGlobalOverRowDecidesTheOffer")),
        Statement.of(
            "A2",
            "A new driver accepts the bit wherever it is offered.",
            lines("t3AcceptedBehindATranslatingIommuAddressesAreIovasAndNeverPhysical")),
        Statement.of(
            "A3",
            "A new driver always uses the DMA API. Disputed: D1; here it does where the bit was"
                + " accepted.",
            kinds(
                "drivers_that_believe_the_specification_post_physical_addresses_without_the_offer"),
            xen("a_xen_driver_domain_accepts_the_bit_and_posts_machine_addresses_all_the_same")),
        Statement.of(
            "A4",
            "A new driver may refuse a device without the bit that the platform puts behind an"
                + " IOMMU.",
            cautious("cautious_drivers_decline_when_the_iommu_changes_addresses_and_say_both"),
            row("R4")),
        Statement.of(
            "A5",
            "New devices go through the IOMMU where there is one. Disputed: D1, D2; here where they"
                + " offer the bit.",
            decision("offeringTheBitSelectsTheDmaAddressSpaceAndNothingElseDoes")),
        Statement.of(
            "A6",
            "New hosts always offer the bit. Disputed: D2, D4; here our own machine types do.",
            rows("arch-x86", "x86", "ourOwnRowHasTheIommuAndOffersIt"),
            rows("arch-ppc", "ppc", "ourOwnRowIsTheNewestOneWithTheBitAndDynamicWindows")),
        Statement.of(
            "A7",
            "Behind an IOMMU, a device refuses a driver that does not accept the bit. Disputed: D3;"
                + " here where it is strict.",
            decision("onlyAnOfferedBitThatWasNotAcceptedIsRefusedAndOnlyWhenStrict"),
            lines("t2AStrictDeviceRefusesADriverThatDoesNotAcceptTheBitEvenWithoutAnIommu")),
        Statement.of(
            "A8",
            "On PowerPC neither hosts offer the bit nor kernels drive a device that does. Rejected:"
                + " D1; here PowerPC is like every other.",
            thread("noArchitectureIsAnException"),
            row("R7")),
        Statement.of(
            "A9",
            "Ignoring the IOMMU for devices without the bit breaks physical ones.",
            wiring("t4AFlagLessPhysicalDeviceFaultsOnPhysicalAddressesAndTheFaultNamesIt")));
  }

  private static List<Statement> andyLater() {
    return List.of(
        Statement.of(
            "A10",
            "Fast devices can honour an IOMMU that maps memory to itself.",
            wiring("anEndpointWithTheIdentityGoesThroughTheIommuAtPhysicalAddresses")),
        Statement.of(
            "A11",
            "Going round an IOMMU is another thing than there being none.",
            lines("t5GoingRoundTheIommuByTheRowWorksPhysicallyWithoutASingleLookUp"),
            lines("t1WithoutAnIommuAndWithoutTheBitModernDriversWorkPhysically")),
        Statement.of(
            "A12",
            "Without old practice no bit would be needed: everybody would honour the IOMMU.",
            wiring("aFlagLessPhysicalDeviceWorksForWhoeverUsesTheDmaApiAllTheSame")),
        Statement.of(
            "A13",
            "Honouring it by default works wherever guest and host are new.",
            thread("whereGuestAndHostAreNewEveryDefaultWorks"),
            row("R2")),
        Statement.of(
            "A14",
            "A device that looks as if behind the IOMMU and is not is unsafe in the hands of a"
                + " program.",
            thread("aProgramCorruptsMemoryThroughADeviceThatGoesRound")),
        Statement.of(
            "A15",
            "Who needs the last bit of speed takes the bus out of the IOMMU.",
            wiring("c8ABusThatTheIommuIsNotInFrontOfTakesTheOfferAndAddressesStayPhysical"),
            wiring("theRootBusOfAMachineCanBeOutsideOfItsIommu")),
        Statement.of(
            "A16",
            "Refusing is turned off only to run old kernels on new hosts.",
            lines("t6NotStrictAnUnawareDriverWorksPhysicallyAndIsWarnedAbout"),
            row("S6")),
        Statement.of(
            "A17",
            "But for PowerPC and an experiment on x86, no IOMMU that translates was ever in front"
                + " of virtio. Contradicted: B11.",
            rows("arch-sparc", "sparc", "everyResolvedRowIsAsItLanded")),
        Statement.of(
            "A18",
            "Only that experiment gains from ignoring the IOMMU.",
            lines("t5GoingRoundTheIommuByTheRowWorksPhysicallyWithoutASingleLookUp"),
            row("R1b")));
  }

  private static List<Statement> ben() {
    return List.of(
        Statement.of(
            "B1",
            "The bit means the same on every architecture.",
            thread("noArchitectureIsAnException")),
        Statement.of(
            "B2",
            "All that differs is a default: of the machine, which a device may override.",
            decision("t13DeviceOverGlobalOverRowDecidesTheOffer")),
        Statement.of(
            "B3",
            "A global setting overrides the machine's default, too.",
            decision("t13DeviceOverGlobalOverRowDecidesTheOffer"),
            row("S3")),
        Statement.of(
            "B4",
            "Offer and refusal are both to be configurable.",
            decision("t13DeviceOverGlobalOverRowDecidesStrictness"),
            decision("t13DeviceOverGlobalOverRowDecidesTheOffer")),
        Statement.of(
            "B5",
            "No code makes an exception of PowerPC; only a default of a machine may.",
            new Test("core", "aperture.rules.CoreRulesTest", "namesNoArchitecture")),
        Statement.of(
            "B6",
            "To begin with, the default is to go round, on every architecture.",
            rows("arch-x86", "x86", "rowsNamedAsInQemuOfferNothingAndHaveNoIommuUnlessAsked"),
            rows("arch-ppc", "ppc", "noUpstreamRowOffersTheBitThoughTheTablesCannotBeRemoved")),
        Statement.of(
            "B7",
            "Another default for Xen is a change of its own.",
            rows("arch-x86", "x86", "ourOwnRowsOfXenGuestsOfferAndHaveGrants")),
        Statement.of(
            "B8",
            "The kernel does what the device says, and no more.",
            kinds(
                "drivers_that_believe_the_specification_post_physical_addresses_without_the_offer")),
        Statement.of(
            "B9",
            "The default of a machine type never changes; a new one comes with a new type.",
            rows("arch-x86", "x86", "everyResolvedRowIsAsItLanded"),
            rows("arch-ppc", "ppc", "everyResolvedRowIsAsItLanded"),
            rows("arch-arm64", "arm64", "landedRowsNeverChange"),
            rows("arch-sparc", "sparc", "everyResolvedRowIsAsItLanded"),
            lines("aGlobalSettingDoesNotMoveADeviceThatLives")),
        Statement.of(
            "B10",
            "An architecture is many platforms: defaults belong to machine types.",
            new Test(
                "core",
                "aperture.core.MachinesTest",
                "twoMachinesOfOneArchitectureMayDifferInTheirDefault"),
            row("S4")),
        Statement.of(
            "B11",
            "Devices of the day go round on every platform, SPARC with its IOMMUs among them.",
            row("R1b")),
        Statement.of(
            "B12",
            "Are there physical devices of this sort? Left open; they are tried here.",
            new Test(
                "core",
                "aperture.access.InterfacesTest",
                "aPhysicalFunctionBehindAnIommuMayKeepSilentAndIsWarnedAbout"),
            row("R6")),
        Statement.of(
            "B13",
            "An IOMMU that maps memory to itself is fine for x86.",
            wiring("anEndpointWithTheIdentityGoesThroughTheIommuAtPhysicalAddresses"),
            row("R2")));
  }

  private static List<Statement> jan() {
    return List.of(
        Statement.of(
            "J1",
            "Offering must be configurable, or old guests cannot be run any more.",
            lines("t12StrictFirmwareIsRefusedAndTheSystemAfterwardsWorks"),
            row("S6")),
        Statement.of(
            "J2",
            "The offer may be off only where no IOMMU is in front of the device.",
            decision("c5OffBehindAnIommuIsAnErrorWhenAnOperatorAskedForIt"),
            lines("c5TurningTheOfferOffBehindAnIommuIsRefusedUnlessItIsSaidToBeUnsafe")));
  }

  private static List<Statement> disagreements() {
    return List.of(
        Statement.of(
            "D1",
            "An exception for PowerPC: none; a value in the rows of its machine types.",
            new Test("core", "aperture.rules.CoreRulesTest", "namesNoArchitecture"),
            thread("noArchitectureIsAnException")),
        Statement.of(
            "D2",
            "The default: off in the types that QEMU has, on in new ones of our own.",
            rows("arch-x86", "x86", "everyResolvedRowIsAsItLanded"),
            row("S2")),
        Statement.of(
            "D3",
            "Refusing a driver that does not accept the bit: a setting.",
            decision("t13DeviceOverGlobalOverRowDecidesStrictness")),
        Statement.of(
            "D4",
            "Always offering: a setting; off behind an IOMMU is an error, or said to be unsafe.",
            decision("c5OffBehindAnIommuIsAnErrorWhenAnOperatorAskedForIt"),
            decision("c5TheUnsafeOverrideLetsItThroughWithAWarning")),
        Statement.of(
            "D5",
            "The fast path: none, identity, translating and going round are all there.",
            wiring("anEndpointWithTheIdentityGoesThroughTheIommuAtPhysicalAddresses"),
            lines("t5GoingRoundTheIommuByTheRowWorksPhysicallyWithoutASingleLookUp")),
        Statement.of(
            "D6",
            "A device without the bit behind an IOMMU: the driver kind believes, refuses, or has a"
                + " list.",
            cautious("cautious_drivers_decline_when_the_iommu_changes_addresses_and_say_both"),
            cautious("a_listed_device_is_driven_by_the_dma_api_behind_an_iommu_only")),
        Statement.of(
            "D7",
            "Physical devices count: a device may go through the IOMMU and not say so.",
            wiring("t4AFlagLessPhysicalDeviceFaultsOnPhysicalAddressesAndTheFaultNamesIt")));
  }
}
