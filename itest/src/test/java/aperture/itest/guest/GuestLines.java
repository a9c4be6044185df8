package aperture.itest.guest;

import aperture.itest.guest.Needed.Program;
import java.util.List;
import java.util.stream.Stream;

/** Every machine and IOMMU that stock QEMU can put in front of a back end. */
final class GuestLines {

  static final Program X86 = new Program("qemu-system-x86_64", "qemu-system-x86");
  static final Program ARM64 = new Program("qemu-system-aarch64", "qemu-system-arm");
  static final Program PPC64 = new Program("qemu-system-ppc64", "qemu-system-ppc");

  private static final String PLATFORM = "iommu_platform=on,disable-legacy=on";

  static final GuestLine X86_PLAIN =
      new GuestLine(
          "x86 without IOMMU",
          "x86-6.1",
          X86,
          "q35",
          "pc-q35-7.2",
          "",
          List.of(),
          "disable-legacy=on",
          "ttyS0",
          "",
          false,
          "none");

  /** Unmaps are collected and flushed together: huge invalidations. ATS works below a root port. */
  static final GuestLine X86_VTD_LAZY =
      new GuestLine(
          "x86 VT-d, ATS, lazy",
          "x86-6.1",
          X86,
          "q35",
          "pc-q35-7.2",
          "",
          List.of(
              "-device",
              "intel-iommu,intremap=off,device-iotlb=on",
              "-device",
              "pcie-root-port,id=rp0,chassis=1,slot=1"),
          "bus=rp0,ats=on," + PLATFORM,
          "ttyS0",
          "intel_iommu=on",
          true,
          "DMA-FQ");

  /** Each unmap is its own invalidation, sent because the device registered for it. */
  static final GuestLine X86_VTD_STRICT =
      new GuestLine(
          "x86 VT-d, strict",
          "x86-6.1",
          X86,
          "q35",
          "pc-q35-7.2",
          "",
          List.of("-device", "intel-iommu,intremap=off"),
          PLATFORM,
          "ttyS0",
          "intel_iommu=on iommu.strict=1",
          true,
          "DMA");

  static final GuestLine X86_VIRTIO_IOMMU =
      new GuestLine(
          "x86 virtio-iommu",
          "x86-6.12",
          X86,
          "q35",
          "pc-q35-7.2",
          "",
          List.of("-device", "virtio-iommu-pci"),
          PLATFORM,
          "ttyS0",
          "",
          true,
          "DMA-FQ");

  static final GuestLine ARM64_SMMU =
      new GuestLine(
          "arm64 SMMUv3",
          "arm64-6.1",
          ARM64,
          "virt,iommu=smmuv3",
          "virt-7.2",
          "cortex-a57",
          List.of(),
          PLATFORM,
          "ttyAMA0",
          "",
          true,
          "DMA");

  /** All memory in one window of 16 MiB pages, mapped once. */
  static final GuestLine PPC64_DDW =
      new GuestLine(
          "ppc64 direct window",
          "ppc64-6.1",
          PPC64,
          "pseries",
          "pseries-7.2",
          "",
          List.of(),
          PLATFORM,
          "hvc0",
          "",
          true,
          "direct-window");

  /** The default window of 4 KiB pages: an entry made and removed for each buffer. */
  static final GuestLine PPC64_TCE =
      new GuestLine(
          "ppc64 4K TCE",
          "ppc64-6.1",
          PPC64,
          "pseries",
          "pseries-7.2",
          "",
          List.of(),
          PLATFORM,
          "hvc0",
          "disable_ddw",
          true,
          "table");

  private GuestLines() {}

  static Stream<GuestLine> all() {
    return Stream.of(
        X86_PLAIN,
        X86_VTD_LAZY,
        X86_VTD_STRICT,
        X86_VIRTIO_IOMMU,
        ARM64_SMMU,
        PPC64_DDW,
        PPC64_TCE);
  }

  /** One for each kernel. */
  static Stream<GuestLine> ofEachKernel() {
    return Stream.of(X86_VTD_STRICT, X86_VIRTIO_IOMMU, ARM64_SMMU, PPC64_DDW);
  }
}
