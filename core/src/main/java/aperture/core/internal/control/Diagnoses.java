package aperture.core.internal.control;

import aperture.access.AddressSpace;
import aperture.admin.Diagnosis;
import aperture.core.internal.device.DeviceEngine;
import aperture.core.internal.dma.FaultLog;
import aperture.core.internal.dma.IommuUnit;
import aperture.virtio.DriverStatus;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds out why a device does not do what it should, and what to do about it. */
final class Diagnoses {

  private Diagnoses() {}

  static Diagnosis of(DeviceEntry entry) {
    List<String> findings = new ArrayList<>();
    List<String> actions = new ArrayList<>();
    corruption(entry, findings, actions);
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

  /** What nobody reports: memory that was not meant. */
  private static void corruption(DeviceEntry entry, List<String> findings, List<String> actions) {
    IoJob job = entry.job();
    long mismatches = job == null ? 0 : job.report().mismatches();
    if (mismatches > 0) {
      findings.add(
          "I/O read %d blocks other than they were written: the device used other memory than was meant"
              .formatted(mismatches));
    }
    GuestDriver driver = entry.driver();
    boolean astray = driver != null && isAstray(entry.engine(), driver.status());
    if (driver != null && astray) {
      findings.add(
          "driver %s posts addresses of the bus, and the device uses them as physical: it reads and writes memory that was not meant"
              .formatted(driver.status().kind()));
    }
    if (mismatches > 0 || astray) {
      actions.add(
          entry.machine().unit().isPresent() && !entry.engine().decision().offer().on()
              ? "device:remove %s, and add it with --access-platform on".formatted(entry.id())
              : "driver:unbind %s, and bind a driver that posts what the device uses: K2"
                  .formatted(entry.id()));
    }
  }

  /** Whether a driver posts addresses of the bus, and the device goes round its IOMMU. */
  private static boolean isAstray(DeviceEngine engine, DriverStatus driver) {
    return engine.negotiated()
        && engine.decision().iommuCovers()
        && engine.dma().space() == AddressSpace.PHYSICAL
        && driver.state() == DriverStatus.State.BOUND
        && driver.addresses() == AddressSpace.BUS;
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
      actions.add(
          engine.decision().refuses(engine.accepted().has(Feature.ACCESS_PLATFORM))
              ? "bind a driver that accepts the bit, or add the device with --strict off"
              : "bind a driver that accepts what the device needs: driver:bind %s K2"
                  .formatted(entry.id()));
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
      // A driver that finds its device broken as it brings it up has reset it by now.
      if (status.state() == DriverStatus.State.FAILED && !engine.formerResetReason().isEmpty()) {
        findings.add("NEEDS_RESET: " + engine.formerResetReason());
      }
      actions.add(cure(entry, status.state()));
    }
  }

  /** A driver that stays away does so again until something else has changed. */
  private static String cure(DeviceEntry entry, DriverStatus.State state) {
    boolean offered = entry.engine().decision().offer().on();
    return switch (state) {
      case UNMATCHED ->
          offered
              ? "bind a driver of modern registers: driver:bind %s K2".formatted(entry.id())
              : "bind another driver kind, or add the device with --legacy on";
      case DECLINED ->
          offered
              ? "bind another driver kind: driver:kinds lists them; or add the device to a machine"
                  + " with an IOMMU"
              : "add the device with --access-platform on, or bind another driver kind";
      default -> "driver:reset " + entry.id();
    };
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
          actions.add(
              entry.engine().decision().offer().on()
                  ? "bind a driver that accepts the bit, or add the device with --strict on"
                  : "add the device with --access-platform on");
        });
  }
}
