package aperture.console.thread;

import static aperture.admin.Outcome.DD;
import static aperture.admin.Outcome.SC;
import static aperture.admin.Outcome.WP;
import static aperture.admin.Outcome.WT;
import static aperture.console.thread.Author.ANDY;
import static aperture.console.thread.Author.BEN;
import static aperture.console.thread.Author.JAN;
import static aperture.console.thread.Site.MAC;
import static aperture.console.thread.Site.NEW_PC;
import static aperture.console.thread.Site.NEW_PSERIES;
import static aperture.console.thread.Site.PC;
import static aperture.console.thread.Site.PC_VTD;
import static aperture.console.thread.Site.PSERIES;
import static aperture.console.thread.Trial.Flag.LENIENT;
import static aperture.console.thread.Trial.Flag.OFF;
import static aperture.console.thread.Trial.Flag.STRICT;

import aperture.access.Setting;
import java.util.List;

/** Situations that the discussion names beside its eight results. */
final class Scenarios {

  private Scenarios() {}

  static List<Plan> all() {
    return List.of(s1(), s2(), s3(), s4(), s5(), s6(), s7());
  }

  private static Plan s1() {
    return new Plan(
        "S1",
        "a guest gives the device to a program, through VFIO",
        List.of(
            Claim.by(
                ANDY, "goes wrong with a device that looks as if behind the IOMMU and is not")),
        List.of(
            Trial.of(PC_VTD, "K6", STRICT).claimed(ANDY, WT),
            Trial.of(PC_VTD, "K6", OFF).claimed(ANDY, SC),
            Trial.of(PSERIES, "K6", OFF).claimed(ANDY, SC),
            Trial.of(PC_VTD, "K6", OFF).onHardware(),
            Trial.of(PC, "K6", STRICT).claimed(ANDY, DD),
            Trial.of(PC_VTD, "K6", STRICT).with("ack", "no"),
            Trial.of(PC_VTD, "K6", LENIENT).with("ack", "no"),
            Trial.of(PC_VTD, "K6", OFF).with("iova", "pa")),
        "A program programs the IOMMU, whatever the device says of itself: with the flag off that"
            + " device reads and writes other memory than was meant. Without an IOMMU there is no"
            + " group, and the program does not start.");
  }

  private static Plan s2() {
    return new Plan(
        "S2",
        "a machine type is used again after an upgrade",
        List.of(Claim.by(BEN, "a default never changes on a machine type there is")),
        List.of(
            Decide.byRow(new Site("pc-q35-2.4", "none"), "off").claimed(BEN),
            Decide.byRow(PC_VTD, "off").claimed(BEN),
            Decide.byRow(PC_VTD, "off").claimed(BEN),
            Decide.byRow(NEW_PC, "on").claimed(BEN)),
        "The old types say off in software that has a newer one saying on; the second machine is"
            + " made twice, one after the other.");
  }

  private static Plan s3() {
    return new Plan(
        "S3",
        "a global setting, and then a device's own",
        List.of(
            Claim.by(
                BEN, "the device's setting wins over the global one, and that over the type's")),
        List.of(
            Decide.byRow(PC, "off").claimed(BEN),
            Decide.byRow(PC, "on").under(Setting.ON).claimed(BEN),
            Decide.own(PC, Setting.OFF, "off").under(Setting.ON).claimed(BEN),
            Decide.byRow(NEW_PC, "on").claimed(BEN),
            Decide.byRow(NEW_PC, "C5").under(Setting.OFF).claimed(JAN),
            Decide.own(NEW_PC, Setting.ON, "on").under(Setting.OFF).claimed(BEN)),
        "The global settings are the scenario's own; those of the platform are not touched.");
  }

  private static Plan s4() {
    return new Plan(
        "S4",
        "two machines of one architecture, with different defaults",
        List.of(
            Claim.by(BEN, "an architecture is not one platform; defaults belong to machine types")),
        List.of(
            Decide.byRow(PSERIES, "off").claimed(BEN),
            Decide.byRow(NEW_PSERIES, "on").claimed(BEN),
            Decide.byRow(MAC, "off").claimed(BEN)),
        "All three are PowerPC; the last has no IOMMU, so that off goes round nothing.");
  }

  private static Plan s5() {
    return new Plan(
        "S5",
        "PowerPC with a large window",
        List.of(Claim.by(BEN, "may take the cost out of the flag later")),
        List.of(
            Trial.of(NEW_PSERIES, "K2", STRICT).claimed(BEN, WT),
            new LargeWindow(NEW_PSERIES).claimed(BEN),
            new LargeWindow(PSERIES)),
        "With the flag on, addresses lie in the large window, where a page is mapped once and kept"
            + " apart from others. Mapping all memory there at once would cost nothing and protect"
            + " nothing, and is never a default.");
  }

  private static Plan s6() {
    return new Plan(
        "S6",
        "an old guest must run on a new host",
        List.of(
            Claim.by(ANDY, "refusing is turned off for this and nothing else"),
            Claim.by(JAN, "the offer must be configurable; off only where no IOMMU is")),
        List.of(
            Decide.own(PC, Setting.OFF, "off").claimed(JAN),
            Trial.of(PC, "K1b", OFF).claimed(JAN, WP),
            Trial.of(PC, "K1a", OFF).claimed(JAN, WP),
            Trial.of(PC, "K1b", LENIENT).claimed(ANDY, WP),
            Decide.own(PC_VTD, Setting.OFF, "C5").claimed(JAN)),
        "Flag off is Jan Kiszka's way, strict off Andy Lutomirski's.");
  }

  private static Plan s7() {
    return new Plan(
        "S7",
        "an architecture's bundle is swapped while devices do I/O",
        List.of(
            Claim.by(BEN, "defaults of what exists do not move; our extension to live devices")),
        List.of(new SwapUnderIo().claimed(BEN)),
        "The swap is that of a supplier's service; I/O goes on, none is lost.");
  }
}
