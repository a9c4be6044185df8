package aperture.arch.sparc.sun4u;

import aperture.iommu.IommuInvalidator;

/**
 * The flush register: each write drops one page's translation from the IOTLB. Here a whole range is
 * written at once; the register itself keeps nothing.
 */
final class FlushRegister {

  private final IommuInvalidator invalidator;
  private final RegisterView registers;
  private final AliasWatch aliases;

  FlushRegister(IommuInvalidator invalidator, RegisterView registers, AliasWatch aliases) {
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
}
