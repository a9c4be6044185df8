package aperture.itest.guest;

import java.util.List;
import java.util.stream.Stream;

/**
 * One machine that is started with U-Boot instead of a kernel. Its virtio drivers know version 1.0,
 * and no feature bit 33: they are of driver kind K1b.
 *
 * @param name what tests call it
 * @param file the firmware, in its folder
 * @param qemu QEMU's program for it
 * @param machine QEMU's machine, with its options
 * @param type what Aperture calls this machine
 * @param processor QEMU's processor; empty for the machine's own
 * @param hardware QEMU's options for the IOMMU
 * @param buffer physical address of memory that the firmware leaves alone
 * @param offering path mode of a disk that offers bit 33
 * @param silent path mode of one that does not
 */
record FirmwareLine(
    String name,
    String file,
    Program qemu,
    String machine,
    String type,
    String processor,
    List<String> hardware,
    long buffer,
    String offering,
    String silent)
    implements Needed {

  private static final List<String> NONE = List.of();

  static final FirmwareLine X86_VTD =
      new FirmwareLine(
          "U-Boot on x86 with VT-d",
          "qemu-x86_64/u-boot.rom",
          GuestLines.X86,
          "q35",
          "pc-q35-7.2",
          "",
          List.of("-device", "intel-iommu,intremap=off"),
          0x200_0000,
          "T",
          "B");

  static final FirmwareLine ARM64_SMMU =
      new FirmwareLine(
          "U-Boot on arm64 with SMMUv3",
          "qemu_arm64/u-boot.bin",
          GuestLines.ARM64,
          "virt,iommu=smmuv3",
          "virt-7.2",
          "cortex-a57",
          NONE,
          0x4200_0000,
          "T",
          "B");

  /**
   * A processor of 64 bits behind whose bridge nothing can be programmed: the firmware has its
   * window show memory where it is.
   */
  static final FirmwareLine PPC64_BRIDGE =
      new FirmwareLine(
          "U-Boot on ppc64 without IOMMU",
          "qemu-ppce500/uboot.elf",
          GuestLines.PPC64,
          "ppce500",
          "ppce500",
          "e5500",
          NONE,
          0x200_0000,
          "N",
          "N");

  static Stream<FirmwareLine> all() {
    return Stream.of(X86_VTD, ARM64_SMMU, PPC64_BRIDGE);
  }

  @Override
  public String folder() {
    return "u-boot";
  }

  @Override
  public List<String> files() {
    return List.of(file, "SHA256SUMS");
  }

  @Override
  public String toString() {
    return name;
  }
}
