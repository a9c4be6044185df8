package aperture.console.vhost;

import aperture.admin.MachineType;
import java.util.List;
import java.util.Optional;

/**
 * How QEMU is started for machines of one family.
 *
 * @param binary its program
 * @param machine name of the machine when no version is asked for
 * @param machineOptions what its IOMMU takes behind the machine's name, empty for nothing
 * @param processor what else it takes to get a processor that guests expect
 * @param iommu the devices that make its IOMMU
 * @param device what its IOMMU takes behind a device's name
 */
record QemuTarget(
    String binary,
    String machine,
    String machineOptions,
    List<String> processor,
    List<String> iommu,
    String device) {

  private static final String PC = "qemu-system-x86_64";
  private static final String POWER = "qemu-system-ppc64";
  private static final String ARM = "qemu-system-aarch64";
  private static final List<String> ARM_PROCESSOR = List.of("-cpu", "cortex-a57");
  private static final String OWN_ROWS = "-ap\\d+$";

  /** With ATS the guest tells the device of every unmap, in its lazy mode, too. */
  private static final List<String> VTD_WITH_ATS =
      List.of(
          "-device",
          "intel-iommu,intremap=off,device-iotlb=on",
          "-device",
          "pcie-root-port,id=rp0,chassis=1,slot=1");

  private static final QemuTarget Q35 =
      new QemuTarget(PC, "q35", "", List.of(), VTD_WITH_ATS, "bus=rp0,ats=on");

  /** The target of a machine type; empty when QEMU cannot share that machine's memory. */
  static Optional<QemuTarget> of(Optional<MachineType> type) {
    return type.isEmpty()
        ? Optional.of(Q35)
        : ofFamily(type.get().family()).map(found -> found.named(type.get()));
  }

  private static Optional<QemuTarget> ofFamily(String family) {
    return switch (family) {
      case "pc-q35" -> Optional.of(Q35);
      case "pc-i440fx" -> Optional.of(plain(PC, "pc"));
      case "microvm" -> Optional.of(plain(PC, "microvm").with("pcie=on"));
      case "pseries" -> Optional.of(plain(POWER, "pseries"));
      case "ppce500" -> Optional.of(plain(POWER, "ppce500"));
      case "virt" ->
          Optional.of(new QemuTarget(ARM, "virt", "iommu=smmuv3", ARM_PROCESSOR, List.of(), ""));
      case "sbsa-ref" ->
          Optional.of(new QemuTarget(ARM, "sbsa-ref", "", ARM_PROCESSOR, List.of(), ""));
      default -> Optional.empty();
    };
  }

  private static QemuTarget plain(String binary, String machine) {
    return new QemuTarget(binary, machine, "", List.of(), List.of(), "");
  }

  private QemuTarget with(String option) {
    return named(machine + "," + option);
  }

  /** QEMU knows a row by its name; rows of our own are those of QEMU with other defaults. */
  private QemuTarget named(MachineType type) {
    return type.version().isEmpty() ? this : named(type.type().replaceFirst(OWN_ROWS, ""));
  }

  private QemuTarget named(String name) {
    return new QemuTarget(binary, name, machineOptions, processor, iommu, device);
  }
}
