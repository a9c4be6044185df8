package aperture.arch.arm64.smmu;

import aperture.iommu.MappedRegister;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a processor reads the registers of page 0 that a capture holds.
 *
 * <pre>
 *   byte      7 6 5 4            3 2 1 0
 *   0x00      IDR1               IDR0
 *   0x08      IDR3               IDR2
 *   0x10      IDR5               IDR4
 *   0x18      AIDR                  -
 *   0x20      CR0ACK             CR0
 *   0x28      CR2                CR1
 *   0x40      GBPA                  -
 *   0x60         -               GERROR
 *   0x80      STRTAB_BASE
 *   0x88         -               STRTAB_BASE_CFG
 *   0x90      CMDQ_BASE
 *   0x98      CMDQ_CONS          CMDQ_PROD
 *   0xa0      EVENTQ_BASE
 * </pre>
 *
 * <p>Sources: IHI 0070, section 6.2, Register overview; the addresses are QEMU 7.2, hw/arm/virt.c,
 * base_memmap, and hw/arm/sbsa-ref.c, sbsa_ref_memmap.
 */
final class RegisterMapLayout {

  private static final long VIRT = 0x0905_0000L;
  private static final long SBSA_REF = 0x6005_0000L;

  private RegisterMapLayout() {}

  /** The registers of a machine type whose SMMU has a known address; of another, none. */
  static List<MappedRegister> of(String machineType) {
    if (machineType.startsWith("virt")) {
      return at(VIRT);
    }
    return machineType.startsWith("sbsa-ref") ? at(SBSA_REF) : List.of();
  }

  private static List<MappedRegister> at(long base) {
    return Stream.of(
            half(RegisterName.IDR0, 0x00),
            half(RegisterName.IDR1, 0x04),
            half("IDR2", 0x08),
            half(RegisterName.IDR3, 0x0c),
            half("IDR4", 0x10),
            half(RegisterName.IDR5, 0x14),
            half(RegisterName.AIDR, 0x1c),
            half(RegisterName.CR0, 0x20),
            half(RegisterName.CR0ACK, 0x24),
            half(RegisterName.CR1, 0x28),
            half(RegisterName.CR2, 0x2c),
            half(RegisterName.GBPA, 0x44),
            half(RegisterName.GERROR, 0x60),
            full(RegisterName.STRTAB_BASE, 0x80),
            half(RegisterName.STRTAB_BASE_CFG, 0x88),
            full(RegisterName.CMDQ_BASE, 0x90),
            half(RegisterName.CMDQ_PROD, 0x98),
            half(RegisterName.CMDQ_CONS, 0x9c),
            full(RegisterName.EVENTQ_BASE, 0xa0))
        .map(register ->
            new MappedRegister(register.name(), base + register.gpa(), register.bytes()))
        .toList();
  }

  private static MappedRegister half(String name, int offset) {
    return new MappedRegister(name, offset, Integer.BYTES);
  }

  private static MappedRegister full(String name, int offset) {
    return new MappedRegister(name, offset, Long.BYTES);
  }
}
