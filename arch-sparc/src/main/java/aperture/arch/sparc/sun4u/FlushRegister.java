package aperture.arch.sparc.sun4u;

import aperture.iommu.IommuInvalidator;

/**
 * What drops translations from the IOTLB: the flush register, each write one page's (here a whole
 * range at once), the context flush of newer bridges, and zeroes in all tags. The registers keep
 * nothing.
 */
final class FlushRegister {

  private final IommuInvalidator invalidator;
  private final RegisterView registers;
  private final WalkNote aliases;

  FlushRegister(IommuInvalidator invalidator, RegisterView registers, WalkNote aliases) {
    this.invalidator = invalidator;
    this.registers = registers;
    this.aliases = aliases;
  }

  /** Drops a range whose entries have just been changed. */
  void flush(long iova, long size) {
    if (!aliases.any()) {
      invalidator.invalidateDomain(Sun4uWalker.TSB_DOMAIN, iova, size);
      return;
    }
    long reach = registers.now().reach();
    for (long alias = iova % reach; alias < BusAddress.TRANSLATED; alias += reach) {
      invalidator.invalidateDomain(Sun4uWalker.TSB_DOMAIN, alias, size);
    }
  }

  /**
   * Drops everything. A context's flush does no less: cached translations are not told apart by
   * context here.
   */
  void flushAll() {
    invalidator.invalidateDomain(Sun4uWalker.TSB_DOMAIN, 0, BusAddress.TRANSLATED);
  }
}
