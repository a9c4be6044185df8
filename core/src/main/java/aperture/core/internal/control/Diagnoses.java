package aperture.core.internal.control;

import aperture.admin.Diagnosis;
import aperture.core.internal.device.DeviceEngine;
import aperture.core.internal.dma.FaultLog;
import aperture.core.internal.dma.IommuUnit;
import aperture.virtio.DriverStatus;
import aperture.virtio.GuestDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds out why a device does not do what it should, and what to do about it. */
final class Diagnoses {

  private Diagnoses() {}

  static Diagnosis of(DeviceEntry entry) {
    List<String> findings = new ArrayList<>();
    List<String> actions = new ArrayList<>();
    needsReset(entry, findings, actions);
    iommu(entry, findings, actions);
    driver(entry, findings, actions);
    faults(entry, findings, actions);
    boolean healthy = findings.isEmpty();
    warning(entry, findings, actions);
    if (findings.isEmpty()) {
      findings.add("nothing is wrong");
    }
    return new Diagnosis(
        entry.id(), healthy, findings, actions.isEmpty() ? "none needed" : actions.get(0));
  }

  private static void needsReset(DeviceEntry entry, List<String> findings, List<String> actions) {
    String reason = entry.engine().needsResetReason();
    if (!reason.isEmpty()) {
      findings.add("NEEDS_RESET: " + reason);
      if (entry.machine().unit().flatMap(IommuUnit::closedReason).isEmpty()) {
        actions.add("driver:reset " + entry.id());
      }
    }
  }

  private static void iommu(DeviceEntry entry, List<String> findings, List<String> actions) {
    Optional<IommuUnit> unit = entry.machine().unit();
    if (unit.isEmpty() || unit.get().phase() == IommuUnit.Phase.ATTACHED) {
      return;
    }
    findings.add(
        "IOMMU %s of machine %s is %s"
            .formatted(
                unit.get().kind(),
                entry.machine().name(),
                unit.get()
                    .closedReason()
                    .map(why -> "closed: " + why)
                    .orElse("revoked and waits for a behaviour")));
    actions.add(
        "install and start a bundle that supplies %s, then driver:reset %s"
            .formatted(unit.get().kind(), entry.id()));
  }

  private static void driver(DeviceEntry entry, List<String> findings, List<String> actions) {
    DeviceEngine engine = entry.engine();
    if (!engine.refusal().isEmpty()) {
      findings.add("the device refused FEATURES_OK: " + engine.refusal());
      actions.add("bind a driver that accepts the bit, or add the device with --strict off");
    }
    GuestDriver driver = entry.driver();
    if (driver == null) {
      findings.add("no driver is bound");
      actions.add("driver:bind %s K2".formatted(entry.id()));
      return;
    }
    DriverStatus status = driver.status();
    if (status.state() != DriverStatus.State.BOUND && !status.reason().isEmpty()) {
      findings.add("driver %s: %s".formatted(status.kind(), status.reason()));
      actions.add("driver:reset " + entry.id());
    }
  }

  private static void faults(DeviceEntry entry, List<String> findings, List<String> actions) {
    for (FaultLog.Entry fault : entry.machine().faults().entries()) {
      if (fault.endpoint().index() == entry.engine().endpointIndex()) {
        findings.add("DMA fault, %d times: %s".formatted(fault.count(), fault.fault().describe()));
        actions.add(
            "dma:translate %s 0x%x 1 %s --explain"
                .formatted(
                    entry.id(),
                    fault.fault().iova(),
                    fault.fault().access() == aperture.iommu.Access.READ ? "r" : "w"));
      }
    }
  }

  private static void warning(DeviceEntry entry, List<String> findings, List<String> actions) {
    entry
        .engine()
        .warning()
        .ifPresent(text -> {
          findings.add("warning: " + text);
          actions.add("add the device with --access-platform on");
        });
  }
}
