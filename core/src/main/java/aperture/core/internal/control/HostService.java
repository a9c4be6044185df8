package aperture.core.internal.control;

import aperture.access.AccessDecision;
import aperture.access.AccessRequest;
import aperture.access.Levels;
import aperture.access.Setting;
import aperture.access.Transport;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.admin.ControlException;
import aperture.core.internal.machine.Families;
import aperture.core.internal.served.ServedEngine;
import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;
import aperture.served.DeviceHost;
import aperture.served.ServedDevice;
import aperture.served.ServedSpec;
import aperture.virtio.DeviceSettings;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;

/** Devices for drivers in other processes. */
final class HostService implements DeviceHost {

  private static final Logger LOG = System.getLogger(HostService.class.getName());
  private static final int PAGE_SIZE = 4096;

  /**
   * Without a machine type the offer is made: who sits before an IOMMU needs it, nobody else does.
   */
  private static final MachineRow CARRIER =
      new MachineRow(
          "served",
          "served",
          "",
          List.of(MachineRow.NO_IOMMU),
          MachineRow.NO_IOMMU,
          true,
          false,
          LegacyInterface.MODERN,
          List.of(),
          List.of(),
          PAGE_SIZE,
          ByteOrderName.LITTLE,
          Map.of());

  private final Families families;
  private final Registry<VirtioDeviceType> types;
  private final GlobalPolicy policy;

  HostService(Families families, Registry<VirtioDeviceType> types, GlobalPolicy policy) {
    this.families = families;
    this.types = types;
    this.policy = policy;
  }

  @Override
  public ServedDevice open(ServedSpec spec) throws ControlException {
    VirtioDeviceType type = types.get(spec.type());
    DeviceMaker.checkOptions(type, spec.options());
    DeviceMaker.checkId(spec.id());
    MachineRow row =
        spec.machineType().isPresent() ? families.require(spec.machineType().get()).row() : CARRIER;
    AccessDecision decision = decide(spec, row);
    VirtioDevice device =
        DeviceMaker.create(type, new DeviceSettings(spec.id(), row, spec.options()));
    return new ServedEngine(spec.id(), type.deviceId(), device, decision);
  }

  /**
   * Decides the offer. Strictness is the front end's: it shows a back end no bit that the guest
   * acked in vain, so a back end that insisted would refuse every guest without an IOMMU. Of the
   * guest's IOMMU a back end knows only that there is one where the machine cannot do without.
   */
  private AccessDecision decide(ServedSpec spec, MachineRow row) throws ControlException {
    AccessDecision decision =
        Decisions.decide(
            new AccessRequest(
                spec.id(),
                row.type(),
                new Levels(spec.accessPlatform(), policy.offer(), row.offer()),
                new Levels(Setting.UNSET, Setting.UNSET, false),
                UnackedAddressing.PHYSICAL,
                Wiring.SOFTWARE,
                Decisions.interfaces(row, Transport.PCI, Setting.UNSET),
                !row.iommus().contains(MachineRow.NO_IOMMU),
                false,
                spec.unsafe()));
    decision.warning().ifPresent(text -> LOG.log(Level.WARNING, "{0}: {1}", spec.id(), text));
    return decision;
  }
}
