package aperture.console.thread;

import static aperture.admin.Outcome.DD;
import static aperture.admin.Outcome.DF;
import static aperture.admin.Outcome.DR;
import static aperture.admin.Outcome.SC;
import static aperture.admin.Outcome.WP;
import static aperture.admin.Outcome.WT;
import static aperture.console.thread.Author.ANDY;
import static aperture.console.thread.Author.BEN;
import static aperture.console.thread.Author.JAN;
import static aperture.console.thread.Site.ARM;
import static aperture.console.thread.Site.ARM_SMMU;
import static aperture.console.thread.Site.MAC;
import static aperture.console.thread.Site.NEW_ARM;
import static aperture.console.thread.Site.NEW_PC;
import static aperture.console.thread.Site.NEW_PSERIES;
import static aperture.console.thread.Site.NEW_XEN;
import static aperture.console.thread.Site.PC;
import static aperture.console.thread.Site.PC_AMD;
import static aperture.console.thread.Site.PC_IDENTITY;
import static aperture.console.thread.Site.PC_VTD;
import static aperture.console.thread.Site.PSERIES;
import static aperture.console.thread.Site.SPARC;
import static aperture.console.thread.Site.XEN;
import static aperture.console.thread.Trial.Flag.DEFAULT;
import static aperture.console.thread.Trial.Flag.LENIENT;
import static aperture.console.thread.Trial.Flag.LENIENT_BUS;
import static aperture.console.thread.Trial.Flag.OFF;
import static aperture.console.thread.Trial.Flag.STRICT;
import static aperture.console.thread.Trial.WORKS;

import aperture.access.Setting;
import java.util.List;

/**
 * The eight results that Andy Lutomirski expected of his proposal, and what Ben Herrenschmidt and
 * Jan Kiszka made of them. An old QEMU cannot offer the bit, a new one may; an old kernel is K1a or
 * K1b, a new one K2, or K3a where it minds.
 */
final class Rows {

  private Rows() {}

  static List<Plan> all() {
    return List.of(r1(), r1b(), r2(), r3a(), r3b(), r4(), r5a(), r5b(), r5c(), r6(), r7(), r8());
  }

  private static Plan r1() {
    return new Plan(
        "R1",
        "new kernel, old QEMU, no IOMMU",
        List.of(
            Claim.by(ANDY, "works"), Claim.by(BEN, "works: no flag, so addresses are physical")),
        List.of(
            Trial.of(PC, "K2", DEFAULT).claimed(ANDY, WORKS).claimed(BEN, WP),
            Trial.of(PC, "K2", OFF).claimed(ANDY, WORKS).claimed(BEN, WP),
            Trial.of(PC, "K3a", OFF).claimed(ANDY, WORKS),
            Trial.of(PC, "K2", STRICT),
            Trial.of(PC, "K2", LENIENT)),
        "Nobody disagrees. With the flag, as a newer QEMU has it, this is R2.");
  }

  private static Plan r1b() {
    return new Plan(
        "R1b",
        "new kernel, old QEMU, a translating IOMMU",
        List.of(
            Claim.by(ANDY, "leaves it out here: R4"),
            Claim.by(
                BEN, "works: the driver believes that there is no flag, and old QEMU goes round")),
        List.of(
            Trial.of(PC_VTD, "K2", DEFAULT).claimed(BEN, WP),
            Trial.of(PC_VTD, "K2", OFF).claimed(BEN, WP),
            Trial.of(PC_AMD, "K2", OFF).claimed(BEN, WP),
            Trial.of(SPARC, "K2", OFF).claimed(BEN, WP),
            Trial.of(PC_VTD, "K2", STRICT),
            Trial.of(PC_VTD, "K2", LENIENT)),
        "Flag off gives Ben Herrenschmidt's outcome, on every architecture alike.");
  }

  private static Plan r2() {
    return new Plan(
        "R2",
        "new kernel, new QEMU or a physical device with the flag, any IOMMU",
        List.of(
            Claim.by(ANDY, "works, whatever the IOMMU; leaves PowerPC to those who know it"),
            Claim.by(BEN, "works on PowerPC too: the flag means the same everywhere"),
            Claim.by(JAN, "the flag may be turned off only where no IOMMU is")),
        List.of(
            works(PC, ANDY),
            works(PC_VTD, ANDY),
            works(PC_AMD, ANDY),
            works(PC_IDENTITY, ANDY),
            works(PC_VTD, ANDY).onHardware(),
            works(ARM_SMMU, ANDY),
            works(SPARC, ANDY),
            works(PSERIES, BEN),
            works(NEW_PSERIES, BEN),
            works(MAC, BEN),
            Trial.of(PC_VTD, "K2", LENIENT).claimed(ANDY, WORKS).claimed(BEN, WORKS),
            Trial.of(PC_VTD, "K2", DEFAULT),
            Trial.of(NEW_PC, "K2", DEFAULT).claimed(ANDY, WORKS).claimed(BEN, WORKS),
            Trial.of(PC, "K2", OFF),
            Decide.own(PC, Setting.OFF, "off").claimed(JAN),
            Decide.own(PC_VTD, Setting.OFF, "C5").claimed(JAN)),
        "No setting makes an exception of an architecture; that part of the proposal is not"
            + " there.");
  }

  private static Trial works(Site site, Author author) {
    return Trial.of(site, "K2", STRICT).claimed(author, WORKS);
  }

  private static Plan r3a() {
    return new Plan(
        "R3a",
        "Xen guest, new QEMU, whose addresses Xen translates without an IOMMU to be seen",
        List.of(
            Claim.by(ANDY, "works"),
            Claim.by(BEN, "works where machine type or operator have the flag offered")),
        List.of(
            Trial.of(XEN, "K5", STRICT).claimed(ANDY, WORKS).claimed(BEN, WORKS),
            Trial.of(XEN, "K5", LENIENT).claimed(ANDY, WORKS).claimed(BEN, WORKS),
            Trial.of(NEW_XEN, "K5", DEFAULT).claimed(BEN, WORKS),
            Trial.of(XEN, "K5", DEFAULT),
            Trial.of(XEN, "K5", OFF),
            Trial.of(XEN, "K5old", STRICT),
            Trial.of(XEN, "K5old", LENIENT),
            Trial.of(XEN, "K5old", LENIENT_BUS)),
        "A guest too old for the flag is refused where that is strict, and corrupts memory where"
            + " not.");
  }

  private static Plan r3b() {
    return new Plan(
        "R3b",
        "Xen guest, old QEMU",
        List.of(
            Claim.by(ANDY, "a clean refusal, where until then the guest was corrupted in silence"),
            Claim.by(
                BEN,
                "the driver decides: it refuses, it uses the DMA API all the same and works, or it"
                    + " does neither and corrupts memory")),
        List.of(
            Trial.of(XEN, "K5g", DEFAULT).claimed(ANDY, DD).claimed(BEN, DD),
            Trial.of(XEN, "K5g", OFF).claimed(ANDY, DD).claimed(BEN, DD),
            Trial.of(XEN, "K5", OFF).claimed(BEN, WP),
            Trial.of(XEN, "K5old", OFF).claimed(BEN, SC)),
        "Flag off; the driver kind decides: K5g gives Andy Lutomirski's outcome, all three together"
            + " Ben Herrenschmidt's.");
  }

  private static Plan r4() {
    return new Plan(
        "R4",
        "new kernel, old QEMU, a translating IOMMU: a driver that minds",
        List.of(
            Claim.by(ANDY, "the driver may refuse"),
            Claim.by(BEN, "works by going round; refused only where that is asked for")),
        List.of(
            Trial.of(PC_VTD, "K3a", DEFAULT).claimed(ANDY, DD),
            Trial.of(PC_VTD, "K3a", OFF).claimed(ANDY, DD).claimed(BEN, DD),
            Trial.of(PC_VTD, "K2", OFF).claimed(BEN, WP),
            Trial.of(PC, "K3a", OFF).claimed(ANDY, WORKS),
            Trial.of(PC_VTD, "K3a", STRICT).claimed(ANDY, WORKS),
            Trial.of(PC_VTD, "K3a", LENIENT).claimed(ANDY, WORKS)),
        "Flag off; driver kind K3a gives Andy Lutomirski's outcome, K2 Ben Herrenschmidt's.");
  }

  private static Plan r5a() {
    return new Plan(
        "R5a",
        "old kernel, new QEMU, no IOMMU",
        List.of(
            Claim.by(ANDY, "as before; without an IOMMU nobody is refused"),
            Claim.by(BEN, "as before")),
        List.of(
            Trial.of(PC, "K1b", LENIENT).claimed(ANDY, WORKS),
            Trial.of(PC, "K1b", LENIENT_BUS).claimed(ANDY, WORKS),
            Trial.of(PC, "K1b", DEFAULT).claimed(BEN, WP),
            Trial.of(PC, "K1a", DEFAULT).claimed(BEN, WP),
            Trial.of(PC, "K1b", OFF).claimed(BEN, WP),
            Trial.of(PC, "K1a", OFF).claimed(BEN, WP),
            Trial.of(PC, "K1b", STRICT),
            Trial.of(PC, "K1a", STRICT)),
        "Flag on, strict off is Andy Lutomirski's; flag off Ben Herrenschmidt's. Strict costs old"
            + " drivers the device even where it protects nothing. Legacy registers cannot carry"
            + " the flag, so that K1a needs it off.");
  }

  private static Plan r5b() {
    return new Plan(
        "R5b",
        "old kernel, new QEMU, a translating IOMMU",
        List.of(
            Claim.by(ANDY, "the device refuses"),
            Claim.by(
                BEN,
                "refused only where that is set; otherwise a fault, or corruption; works by going"
                    + " round with the flag off"),
            Claim.by(JAN, "flag off is not for a device behind an IOMMU")),
        List.of(
            Trial.of(PC_VTD, "K1b", STRICT).claimed(ANDY, DR).claimed(BEN, DR),
            Trial.of(NEW_PC, "K1b", DEFAULT).claimed(ANDY, DR).claimed(BEN, DR),
            Trial.of(PC_VTD, "K1b", LENIENT_BUS).claimed(BEN, DF),
            Trial.of(PC_VTD, "K1b", LENIENT_BUS).colliding().claimed(BEN, SC),
            Trial.of(PC_VTD, "K1b", LENIENT),
            Trial.of(PC_VTD, "K1b", DEFAULT).claimed(BEN, WP),
            Trial.of(PC_VTD, "K1b", OFF).claimed(BEN, WP),
            Trial.of(PC_VTD, "K1a", STRICT),
            Decide.own(PC_VTD, Setting.OFF, "C5").claimed(JAN)),
        "Strict on gives Andy Lutomirski's outcome, strict off with addresses of the bus and flag"
            + " off those of Ben Herrenschmidt; flag off has to be the machine type's, or unsafe:"
            + " Jan Kiszka. The specification leaves a fourth way, strict off with physical"
            + " addresses.");
  }

  private static Plan r5c() {
    return new Plan(
        "R5c",
        "old kernel, a physical device behind an IOMMU",
        List.of(Claim.by(ANDY, "fails as ever"), Claim.by(BEN, "the same")),
        List.of(
            Trial.of(PC_VTD, "K1b", OFF).onHardware().claimed(ANDY, DF).claimed(BEN, DF),
            Trial.of(PC_VTD, "K1a", OFF).onHardware().claimed(ANDY, DF).claimed(BEN, DF),
            Trial.of(PC_VTD, "K1b", DEFAULT).onHardware().claimed(ANDY, DF).claimed(BEN, DF),
            Trial.of(PC_VTD, "K1b", STRICT).onHardware(),
            Trial.of(PC_VTD, "K1b", LENIENT).onHardware()),
        "Nobody disagrees.");
  }

  private static Plan r6() {
    return new Plan(
        "R6",
        "new kernel, an old physical device without the flag, behind an IOMMU",
        List.of(
            Claim.by(ANDY, "a clean failure; the driver may have a list of such devices"),
            Claim.by(BEN, "a driver that believes the device faults; it needs a list")),
        List.of(
            Trial.of(PC_VTD, "K3a", OFF).onHardware().claimed(ANDY, DD),
            Trial.of(PC_VTD, "K4", OFF).onHardware().claimed(ANDY, DD),
            Trial.of(PC_VTD, "K4", OFF)
                .onHardware()
                .with("whitelist", "yes")
                .claimed(ANDY, WT)
                .claimed(BEN, WT),
            Trial.of(PC_VTD, "K2", OFF).onHardware().claimed(BEN, DF),
            Trial.of(PC_VTD, "K2", DEFAULT).onHardware().claimed(BEN, DF),
            Trial.of(PC_VTD, "K2", STRICT).onHardware(),
            Trial.of(PC_VTD, "K4", OFF).with("whitelist", "yes")),
        "Driver kind K3a gives Andy Lutomirski's outcome, K2 Ben Herrenschmidt's, and K4 what both"
            + " want. A list that names a device which goes round is worse than none: the last"
            + " case.");
  }

  private static Plan r7() {
    return new Plan(
        "R7",
        "any kernel, PowerPC with a paravirtual IOMMU that cannot be removed",
        List.of(
            Claim.by(ANDY, "as well as today"),
            Claim.by(
                BEN, "the same, as a default value: off here, on for each device that says so"),
            Claim.by(JAN, "flag off only without an IOMMU, which here cannot be")),
        List.of(
            Trial.of(PSERIES, "K1a", DEFAULT).claimed(ANDY, WORKS).claimed(BEN, WP),
            Trial.of(PSERIES, "K1b", DEFAULT).claimed(ANDY, WORKS).claimed(BEN, WP),
            Trial.of(PSERIES, "K2", DEFAULT).claimed(ANDY, WORKS).claimed(BEN, WP),
            Trial.of(PSERIES, "K2", OFF).claimed(ANDY, WORKS).claimed(BEN, WP),
            Trial.of(PSERIES, "K2", STRICT).claimed(BEN, WT),
            Trial.of(PSERIES, "K1b", STRICT),
            Trial.of(PSERIES, "K1b", LENIENT),
            Trial.of(PSERIES, "K1b", LENIENT_BUS),
            Decide.byRow(PSERIES, "off").claimed(BEN),
            Decide.own(PSERIES, Setting.ON, "on").claimed(BEN),
            Decide.own(PSERIES, Setting.OFF, "C5").claimed(JAN)),
        "Off by the machine type is the one exception from Jan Kiszka's condition, and comes with a"
            + " warning; off by an operator is refused here as everywhere.");
  }

  private static Plan r8() {
    return new Plan(
        "R8",
        "any kernel, 64-bit ARM with an SMMU",
        List.of(
            Claim.by(ANDY, "is not sure"),
            Claim.by(BEN, "the same rule as everywhere: the machine type's default, and the flag")),
        List.of(
            Trial.of(ARM_SMMU, "K2", DEFAULT).claimed(BEN, WP),
            Trial.of(ARM_SMMU, "K2", OFF).claimed(BEN, WP),
            Trial.of(ARM_SMMU, "K2", STRICT).claimed(BEN, WT),
            Trial.of(ARM_SMMU, "K2", LENIENT).claimed(BEN, WT),
            Trial.of(NEW_ARM, "K2", DEFAULT).claimed(BEN, WT),
            Trial.of(ARM, "K2", DEFAULT).claimed(BEN, WP),
            Trial.of(ARM_SMMU, "K1b", STRICT),
            Trial.of(ARM_SMMU, "K1b", LENIENT_BUS)),
        "The outcomes are those of the other architectures.");
  }
}
