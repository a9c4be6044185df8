package aperture.core.internal.policy;

import aperture.admin.Outcome;
import aperture.virtio.DriverStatus;

/**
 * Says what happened from what was seen, and from nothing else: it shares no code with the decision
 * and knows neither driver kinds nor settings.
 */
final class Judge {

  private Judge() {}

  /**
   * A judgement.
   *
   * @param outcome what happened
   * @param reason in one line
   */
  record Verdict(Outcome outcome, String reason) {}

  /**
   * Judges one experiment.
   *
   * @throws IllegalStateException when what was seen fits no outcome
   */
  static Verdict judge(Evidence seen) {
    return switch (seen.state()) {
      case UNMATCHED -> new Verdict(Outcome.NB, seen.reason());
      case REFUSED_BY_DEVICE -> new Verdict(Outcome.DR, seen.reason());
      case DECLINED -> new Verdict(Outcome.DD, seen.reason());
      default -> judgeMemory(seen);
    };
  }

  private static Verdict judgeMemory(Evidence seen) {
    if (!seen.overwritten().isEmpty()) {
      return new Verdict(
          Outcome.SC,
          "memory that is not the driver's was overwritten: " + seen.overwritten().get(0));
    }
    if (!seen.leaks().isEmpty()) {
      return new Verdict(
          Outcome.SC, "the device reached what is not its own: " + seen.leaks().get(0));
    }
    if (seen.mismatches() > 0) {
      return new Verdict(
          Outcome.SC, "the device read and wrote other memory than the driver meant");
    }
    if (!seen.garbage().isEmpty()) {
      return new Verdict(
          Outcome.SC,
          "the device read other memory than the driver's rings: " + seen.garbage().get(0));
    }
    if (!seen.faults().isEmpty()) {
      return new Verdict(Outcome.DF, seen.faults().get(0));
    }
    if (seen.state() == DriverStatus.State.FAILED && seen.asked() == 0) {
      return new Verdict(Outcome.DD, seen.reason());
    }
    return judgeWork(seen);
  }

  private static Verdict judgeWork(Evidence seen) {
    if (seen.asked() == 0 || seen.completed() != seen.asked()) {
      throw new IllegalStateException(
          "what was seen fits no outcome: %s; %s".formatted(seen.describe(), seen.reason()));
    }
    if (seen.consulted() > 0) {
      return seen.postedPhysical() && !seen.constrains()
          ? new Verdict(Outcome.WI, "through the IOMMU, which maps memory to itself")
          : new Verdict(Outcome.WT, "through the translation of the bus");
    }
    if (seen.userProgram()) {
      return new Verdict(Outcome.WX, "a program reaches memory, and no IOMMU holds it back");
    }
    if (seen.offered() && seen.constrains()) {
      return new Verdict(
          Outcome.WX,
          "the device offered the bit, and goes round an IOMMU that would hold it back");
    }
    return new Verdict(Outcome.WP, "physical addresses, and nobody was asked");
  }
}
