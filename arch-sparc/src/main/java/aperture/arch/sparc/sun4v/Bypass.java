package aperture.arch.sparc.sun4v;

import aperture.iommu.Registers;

/**
 * I/O addresses that mean real addresses, on platforms that have them. The hypervisor says so by
 * answering a call; here the value {@code HV_BYPASS} decides, 0 as long as nobody wrote it.
 *
 * <pre>
 *   63             50 49                                           0
 *   +----------------+----------------------------------------------+
 *   | 11111111111111 |                 real address                 |
 *   +----------------+----------------------------------------------+
 * </pre>
 *
 * <p>Source: Linux 6.1, arch/sparc/include/asm/hypervisor.h, HV_FAST_PCI_IOMMU_GETBYPASS; the form
 * is that of the platform's older bridges (arch/sparc/include/asm/pci.h).
 */
final class Bypass {

  static final String REGISTER = "HV_BYPASS";

  /** Tag of what went this way. */
  static final int DOMAIN = 0x1_0000;

  private static final int SHIFT = 50;
  private static final long PREFIX = -1L << SHIFT;

  private final Registers registers;
  private volatile Known known;

  private record Known(int generation, boolean enabled) {}

  Bypass(Registers registers) {
    this.registers = registers;
    this.known = read();
  }

  boolean isEnabled() {
    Known current = known;
    if (current.generation() != registers.generation()) {
      current = read();
      known = current;
    }
    return current.enabled();
  }

  private Known read() {
    // Before the value: a write in between is noticed at the next look.
    int generation = registers.generation();
    return new Known(generation, registers.get(REGISTER) != 0);
  }

  static boolean contains(long address) {
    return (address & PREFIX) == PREFIX;
  }

  static long realAddress(long address) {
    return address & ~PREFIX;
  }

  static long address(long realAddress) {
    return PREFIX | realAddress;
  }
}
