package aperture.arch.x86.xen;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;

/**
 * What a back end in the device domain reaches of a guest whose frame numbers are its own: the
 * frame that a grant names, and nothing else.
 *
 * <p>Source: Linux 6.1, drivers/xen/grant-dma-ops.c.
 */
final class XenHvmWalker extends IommuWalker {

  /** Domain tag of grants. */
  static final int GRANTS = 1;

  private final XenViews views;
  private final GrantReader grants;

  XenHvmWalker(IommuState state) {
    views = new XenViews(state.registers());
    grants = new GrantReader(state.memory());
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    if (!BusAddressLayout.isGrant(iova)) {
      XenFaults.NOT_A_GRANT.end(result);
      return;
    }
    long page = iova & -BusAddressLayout.PAGE_SIZE;
    long entry = grants.find(views.current(), page, access, result);
    if (GrantEntryLayout.grantsAll(entry, GrantReader.BACK_END)) {
      answer(page, entry, Permission.READ_WRITE, result);
    } else if (entry != GrantReader.NONE) {
      answer(page, entry, Permission.READ, result);
    }
  }

  private static void answer(long page, long entry, Permission permission, WalkResult result) {
    long gpa = GrantEntryLayout.frame(entry) << BusAddressLayout.PAGE_SHIFT;
    result.translated(page, gpa, BusAddressLayout.PAGE_SIZE, permission, GRANTS);
  }
}
