package aperture.core.internal.control;

import aperture.access.AccessDecision;
import aperture.access.AddressSpace;
import aperture.access.Interfaces;
import aperture.access.PathMode;
import aperture.access.Setting;
import aperture.access.UnackedAddressing;
import aperture.admin.ControlException;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.PolicyControl;
import aperture.admin.PolicyExplanation;
import aperture.admin.PolicyRehearsal;
import aperture.core.internal.policy.Matrix;
import aperture.virtio.VirtioDeviceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/** Explains the decision about bit 33 and holds its global settings. */
final class PolicyService implements PolicyControl {

  private final Inventory inventory;
  private final Registry<VirtioDeviceType> deviceTypes;
  private final GlobalPolicy policy;
  private final Matrix matrix;

  PolicyService(
      Inventory inventory,
      Registry<VirtioDeviceType> deviceTypes,
      GlobalPolicy policy,
      Matrix matrix) {
    this.inventory = inventory;
    this.deviceTypes = deviceTypes;
    this.policy = policy;
    this.matrix = matrix;
  }

  @Override
  public List<MatrixCell> matrix(MatrixRequest request, BiConsumer<Integer, Integer> progress)
      throws ControlException, InterruptedException {
    return matrix.run(request, progress);
  }

  @Override
  public PolicyExplanation explain(String device) throws ControlException {
    DeviceEntry entry = inventory.device(device);
    AccessDecision decision = entry.engine().decision();
    PathMode path = DeviceRecords.path(entry);
    return new PolicyExplanation(
        device,
        entry.machine().row().type(),
        Setting.of(decision.offer().on()).word(),
        decision.offer().provenance(),
        Setting.of(decision.strict().on()).word(),
        decision.strict().provenance(),
        word(decision.unacked()),
        word(decision.wiring()),
        registers(decision.interfaces()),
        "%c: %s".formatted(path.letter(), path.meaning()),
        reason(entry, path),
        List.of(
            "driver accepts: " + outcome(decision, true),
            "driver does not accept: " + outcome(decision, false)),
        changes(decision));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String registers(Interfaces interfaces) {
    if (interfaces.modern() && interfaces.legacy()) {
      return "modern and legacy registers";
    }
    return interfaces.modern() ? "modern registers" : "legacy registers";
  }

  private static String reason(DeviceEntry entry, PathMode path) {
    String iommu = entry.machine().unit().map(unit -> unit.kind()).orElse("none");
    return switch (path) {
      case NONE ->
          entry.machine().unit().isEmpty()
              ? "machine %s has no IOMMU".formatted(entry.machine().name())
              : "the device is not on a bus that IOMMU %s is in front of".formatted(iommu);
      case WINDOW ->
          "bus addresses pass fixed windows (%s), which protect nothing".formatted(iommu);
      case IDENTITY -> "IOMMU %s is in front and maps memory to itself".formatted(iommu);
      case BYPASS ->
          "IOMMU %s is in front, but addresses are physical: bit 33 is not in use".formatted(iommu);
      default -> "IOMMU %s is in front and bit 33 is in use".formatted(iommu);
    };
  }

  private static String outcome(AccessDecision decision, boolean acked) {
    if (acked && !decision.offer().on()) {
      return "cannot: the bit is not offered";
    }
    if (decision.refuses(acked)) {
      return "the device refuses FEATURES_OK";
    }
    if (decision.addressSpace(acked) == AddressSpace.PHYSICAL) {
      return "works, addresses are physical";
    }
    if (!decision.iommuCovers()) {
      return "works, bus addresses are physical";
    }
    return acked
        ? "works, addresses go through the IOMMU"
        : "addresses go through the IOMMU: physical ones that nobody mapped fault";
  }

  private static List<String> changes(AccessDecision decision) {
    List<String> changes = new ArrayList<>();
    String other = Setting.of(!decision.offer().on()).word();
    changes.add("offer: device:add ... --access-platform " + other + ", for this device");
    changes.add("offer: policy:set offer " + other + ", for devices added afterwards");
    if (decision.offer().on()) {
      String strict = Setting.of(!decision.strict().on()).word();
      changes.add("strictness: device:add ... --strict " + strict + ", for this device");
      changes.add("strictness: policy:set strict " + strict + ", for devices added afterwards");
      if (!decision.strict().on()) {
        changes.add(
            "un-acked addressing: device:add ... --unacked %s, for this device"
                .formatted(
                    word(
                        decision.unacked() == UnackedAddressing.PHYSICAL
                            ? UnackedAddressing.TRANSLATED
                            : UnackedAddressing.PHYSICAL)));
      }
    }
    if (decision.iommuCovers()) {
      changes.add("path: device:add ... --bus-bypass, out of the IOMMU");
      changes.add("path: machine:create ... --iommu none, where the machine type allows it");
    }
    return changes;
  }

  @Override
  public Setting globalOffer() {
    return policy.offer();
  }

  @Override
  public Setting globalStrict() {
    return policy.strict();
  }

  @Override
  public void globalOffer(Setting setting) {
    policy.offer(setting);
  }

  @Override
  public void globalStrict(Setting setting) {
    policy.strict(setting);
  }

  @Override
  public PolicyRehearsal rehearse() {
    return new Rehearsal(inventory, deviceTypes);
  }
}
