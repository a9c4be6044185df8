package aperture.arch.sparc.sun4v;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import org.jspecify.annotations.Nullable;

/** The hardware half: the first table for everybody, IOTSBs for the devices bound to them. */
final class Sun4vWalker extends IommuWalker {

  /** The one structure that a walk reads; its address is the entry's index. */
  static final String IOTTE = "IOTTE";

  private final IoTables tables;
  private final Bypass bypass;

  Sun4vWalker(IoTables tables, Bypass bypass) {
    this.tables = tables;
    this.bypass = bypass;
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    if (Bypass.contains(iova) && bypass.isEnabled()) {
      result.translated(
          iova & -RootComplex.PAGE_SIZE,
          Bypass.realAddress(iova) & -RootComplex.PAGE_SIZE,
          RootComplex.PAGE_SIZE,
          Permission.READ_WRITE,
          Bypass.DOMAIN);
      return;
    }
    IoTables.Known now = tables.now();
    if (answered(now.find(RootComplex.FIRST), iova, access, result)) {
      return;
    }
    long binding = now.binding(endpoint.requesterId());
    for (int slot = 0; binding != 0 && slot < BindingLayout.SLOTS; slot++) {
      int handle = BindingLayout.handle(binding, slot);
      if (handle != 0 && answered(now.find(handle), iova, access, result)) {
        return;
      }
    }
    Sun4vFaults.outside(result);
  }

  private static boolean answered(
      @Nullable IoTable table, long iova, Access access, WalkResult result) {
    long index = table == null ? IoTable.OUTSIDE : table.indexOf(iova);
    if (table == null || index == IoTable.OUTSIDE) {
      return false;
    }
    long entry = table.get(index);
    result.step(IOTTE, index, entry);
    Permission permission = IotteLayout.permission(entry);
    if (!IotteLayout.isMapped(entry)) {
      Sun4vFaults.unmapped(result);
    } else if (permission.allows(access)) {
      result.translated(
          table.addressOf(index),
          IotteLayout.realAddress(entry) & -table.pageSize(),
          table.pageSize(),
          permission,
          table.handle());
    } else {
      Sun4vFaults.denied(result);
    }
    return true;
  }
}
