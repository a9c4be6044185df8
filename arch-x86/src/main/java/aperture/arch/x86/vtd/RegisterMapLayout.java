package aperture.arch.x86.vtd;

import aperture.iommu.MappedRegister;
import java.util.List;

/**
 * Where a processor reads the registers that a capture holds.
 *
 * <pre>
 *   byte      7 6 5 4    3 2 1 0
 *   0x00         -       VER
 *   0x08      CAP
 *   0x10      ECAP
 *   0x18      GSTS       (GCMD, written only)
 *   0x20      RTADDR
 *   0x28      CCMD
 *   0x30      FSTS          -
 *   0x38      FEDATA     FECTL
 *   0x40      FEUADDR    FEADDR
 *   0x80      IQH
 *   0x88      IQT
 *   0x90      IQA
 *   0xb8      IRTA
 * </pre>
 *
 * <p>Sources: Intel VT-d, rev 5.10, section 11.2, Host Platform Register Space; the unit's address
 * is QEMU 7.2, include/hw/i386/intel_iommu.h, Q35_HOST_BRIDGE_IOMMU_ADDR.
 */
final class RegisterMapLayout {

  private static final long BASE = 0xfed90000L;

  private static final List<MappedRegister> REGISTERS =
      List.of(
          half(VtdRegisters.VER, 0x00),
          full(VtdRegisters.CAP, 0x08),
          full(VtdRegisters.ECAP, 0x10),
          half(VtdRegisters.GSTS, 0x1c),
          full(VtdRegisters.RTADDR, 0x20),
          full(VtdRegisters.CCMD, 0x28),
          half(VtdRegisters.FSTS, 0x34),
          half(VtdRegisters.FECTL, 0x38),
          half(VtdRegisters.FEDATA, 0x3c),
          half(VtdRegisters.FEADDR, 0x40),
          half(VtdRegisters.FEUADDR, 0x44),
          full(VtdRegisters.IQH, 0x80),
          full(VtdRegisters.IQT, 0x88),
          full(VtdRegisters.IQA, 0x90),
          full("IRTA", 0xb8));

  private RegisterMapLayout() {}

  /** The registers of a machine that has a q35 host bridge; of another, none. */
  static List<MappedRegister> of(String machineType) {
    return machineType.startsWith("pc-q35") ? REGISTERS : List.of();
  }

  private static MappedRegister half(String name, int offset) {
    return new MappedRegister(name, BASE + offset, Integer.BYTES);
  }

  private static MappedRegister full(String name, int offset) {
    return new MappedRegister(name, BASE + offset, Long.BYTES);
  }
}
