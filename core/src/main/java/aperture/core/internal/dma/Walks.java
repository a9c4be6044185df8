package aperture.core.internal.dma;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuWalker;
import aperture.iommu.WalkResult;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Calls into a bundle's walker, and survives what it must not do. */
final class Walks {

  private static final Logger LOG = System.getLogger(Walks.class.getName());
  private static final long SMALLEST = Iotlb.PAGE_MASK + 1;

  private Walks() {}

  /** Walks; the result always holds an answer that can be used as it stands. */
  static void walk(
      IommuWalker walker, Endpoint endpoint, long iova, Access access, WalkResult result) {
    result.begin();
    try {
      walker.walk(endpoint, iova, access, result);
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      LOG.log(Level.WARNING, "walker of endpoint " + endpoint.id() + " failed", e);
      result.fault(FaultKind.MALFORMED, -1, "the walker failed", false);
      return;
    }
    if (result.outcome() == WalkResult.Outcome.TRANSLATED && !answers(result, iova, access)) {
      result.fault(FaultKind.MALFORMED, -1, "the walker's answer does not cover the access", false);
    }
  }

  private static boolean answers(WalkResult result, long iova, Access access) {
    long size = result.size();
    return size >= SMALLEST
        && Long.compareUnsigned(iova - result.iovaBase(), size) < 0
        && (result.iovaBase() & Iotlb.PAGE_MASK) == 0
        && (result.gpaBase() & Iotlb.PAGE_MASK) == 0
        && result.permission().allows(access);
  }
}
