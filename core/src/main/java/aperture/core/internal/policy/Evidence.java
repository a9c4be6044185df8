package aperture.core.internal.policy;

import aperture.virtio.DriverStatus;
import java.util.List;

/**
 * What was seen in one experiment. Nothing here says what should have been.
 *
 * @param state where the driver stood with its device
 * @param reason in the driver's words, empty when it had none
 * @param offered whether the driver could see bit 33 offered
 * @param asked requests the driver wanted to make
 * @param completed requests that were answered well
 * @param mismatches requests that read something else than was written
 * @param consulted translations that the IOMMU in front of the device was asked for
 * @param constrains whether the IOMMU that the platform describes denies what nobody mapped
 * @param userProgram whether a program, not a kernel, had the device
 * @param postedPhysical whether the numbers given to the device are physical ones of the driver's
 *     own memory
 * @param garbage what the device found malformed in rings that the driver keeps in order
 * @param leaks what a device reached though it was never given, or was taken away
 * @param overwritten canaries that were
 * @param faults DMA faults, with requester, address and access
 */
record Evidence(
    DriverStatus.State state,
    String reason,
    boolean offered,
    long asked,
    long completed,
    long mismatches,
    long consulted,
    boolean constrains,
    boolean userProgram,
    boolean postedPhysical,
    List<String> garbage,
    List<String> leaks,
    List<String> overwritten,
    List<String> faults) {

  Evidence {
    garbage = List.copyOf(garbage);
    leaks = List.copyOf(leaks);
    overwritten = List.copyOf(overwritten);
    faults = List.copyOf(faults);
  }

  /** For people, in one line. */
  String describe() {
    StringBuilder line = new StringBuilder();
    line.append("driver ").append(state.name().toLowerCase(java.util.Locale.ROOT));
    line.append("; ").append(completed).append(" of ").append(asked).append(" requests");
    line.append("; IOMMU asked ").append(consulted).append(" times");
    if (asked > 0) {
      line.append("; addresses ").append(postedPhysical ? "are" : "are not").append(" physical");
    }
    append(line, "mismatches", mismatches == 0 ? List.of() : List.of(Long.toString(mismatches)));
    append(line, "malformed", garbage);
    append(line, "leaked", leaks);
    append(line, "overwritten", overwritten);
    append(line, "fault", faults);
    return line.toString();
  }

  private static void append(StringBuilder line, String what, List<String> seen) {
    if (!seen.isEmpty()) {
      line.append("; ").append(what).append(": ").append(seen.get(0));
      if (seen.size() > 1) {
        line.append(" and ").append(seen.size() - 1).append(" more");
      }
    }
  }
}
