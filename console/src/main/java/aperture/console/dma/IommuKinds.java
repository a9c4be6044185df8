package aperture.console.dma;

import aperture.admin.ControlException;
import aperture.admin.MachineType;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.machine.MachineRow;
import java.util.List;
import java.util.Optional;

/** Which IOMMU a served guest has: what the caller says, else what its machine type implies. */
final class IommuKinds {

  private final Controls controls;

  IommuKinds(Controls controls) {
    this.controls = controls;
  }

  /**
   * The kind.
   *
   * @param said by the caller; empty for nothing
   * @throws ControlException of kind usage when neither says it
   */
  String of(String server, Optional<String> said) throws ControlException {
    if (said.isPresent()) {
      return said.get();
    }
    Optional<String> type = controls.vhost().machineType(server);
    if (type.isEmpty()) {
      throw ControlException.usage(
          "server %s was given no machine type that would say which IOMMU its guest has; --iommu"
                  .formatted(server)
              + " KIND does");
    }
    MachineType row = new Known(controls).machineType(type.get());
    if (!row.defaultIommu().equals(MachineRow.NO_IOMMU)) {
      return row.defaultIommu();
    }
    List<String> possible =
        row.iommus().stream().filter(kind -> !kind.equals(MachineRow.NO_IOMMU)).toList();
    if (possible.size() != 1) {
      throw ControlException.usage(
          "machine type %s has %s; --iommu KIND says which it is"
              .formatted(
                  type.get(), possible.isEmpty() ? "no IOMMU" : String.join(" or ", possible)));
    }
    return possible.getFirst();
  }
}
