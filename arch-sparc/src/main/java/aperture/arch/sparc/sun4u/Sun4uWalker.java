package aperture.arch.sparc.sun4u;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * The hardware half: one look into the TSB, the same for every device on the bus.
 *
 * <p>Source: QEMU 7.2, hw/sparc64/sun4u_iommu.c, sun4u_translate_iommu. Where that is lax (a TSB
 * outside memory, addresses beyond 32 bits, bypass addresses) this follows the hardware.
 */
final class Sun4uWalker extends IommuWalker {

  /** Tag of everything translated through the TSB. */
  static final int TSB_DOMAIN = 0;

  /** Tag of what went around it. */
  static final int BYPASS_DOMAIN = 1;

  /** The one structure that a walk reads. */
  static final String TTE = "TTE";

  private final GuestMemory memory;
  private final RegisterView registers;
  private final WalkNote aliases;
  private final WalkNote dummies;

  /**
   * @param aliases notes that an address outside the window is used
   * @param dummies notes that an address on the dummy page is used
   */
  Sun4uWalker(GuestMemory memory, RegisterView registers, WalkNote aliases, WalkNote dummies) {
    this.memory = memory;
    this.registers = registers;
    this.aliases = aliases;
    this.dummies = dummies;
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    RegisterView.Decoded view = registers.now();
    if (view.translates() && BusAddress.isTranslated(iova)) {
      translate(view, iova, access, result);
    } else if (BusAddress.isBypass(iova)) {
      passThrough(iova, BusAddress.physical(iova), result);
    } else if (!view.enabled()) {
      passThrough(iova, iova, result);
    } else if (!BusAddress.isTranslated(iova)) {
      Sun4uFaults.unanswered(result);
    } else if (!view.defined()) {
      Sun4uFaults.undefinedSize(result);
    } else {
      noMemory(view.entryAddress(iova), result);
    }
  }

  private static void noMemory(long address, WalkResult result) {
    result.step(TTE, address, 0);
    Sun4uFaults.timeout(result);
  }

  private static void passThrough(long iova, long physical, WalkResult result) {
    result.translated(
        iova & -TteLayout.PAGE_SIZE,
        physical & -TteLayout.PAGE_SIZE,
        TteLayout.PAGE_SIZE,
        Permission.READ_WRITE,
        BYPASS_DOMAIN);
  }

  private void translate(RegisterView.Decoded view, long iova, Access access, WalkResult result) {
    if (!DvmaWindow.RANGE.contains(iova)) {
      aliases.note();
    }
    long address = view.entryAddress(iova);
    long at = memory.offsetOf(address, 1 << TteLayout.BYTES_SHIFT);
    if (at == GuestMemory.NOT_MEMORY) {
      noMemory(address, result);
      return;
    }
    long tte = memory.getBe64(at);
    if (TteLayout.isValid(tte) && TteLayout.page(tte) == view.dummy()) {
      dummies.note();
      // Anew: a mapping that was made meanwhile has seen the note, or is seen here.
      tte = memory.getBe64(at);
    }
    result.step(TTE, address, tte);
    if (!TteLayout.isValid(tte)) {
      Sun4uFaults.invalid(result);
    } else if (TteLayout.isWritable(tte)) {
      answer(tte, iova, Permission.READ_WRITE, result);
    } else if (access == Access.WRITE) {
      Sun4uFaults.protection(result);
    } else {
      answer(tte, iova, Permission.READ, result);
    }
  }

  private static void answer(long tte, long iova, Permission permission, WalkResult result) {
    long size = TteLayout.pageSize(tte);
    result.translated(iova & -size, TteLayout.page(tte), size, permission, TSB_DOMAIN);
  }
}
