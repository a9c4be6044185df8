package aperture.console.demo;

import aperture.admin.ControlException;
import aperture.dma.DeviceDma;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.PlatformDma;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import java.util.Optional;

/** Accesses memory as a device does, in place of one that misbehaves. */
final class Prober {

  private final PlatformDma dma;

  Prober(PlatformDma dma) {
    this.dma = dma;
  }

  /**
   * Tries to reach one byte.
   *
   * @return the fault's own words; empty when the access was allowed
   */
  Optional<String> access(String machine, String endpoint, long iova, Access access)
      throws ControlException {
    DeviceDma device =
        dma.device(machine, endpoint)
            .orElseThrow(
                () -> ControlException.failed("no endpoint %s on %s".formatted(endpoint, machine)));
    DmaSession session = device.openSession();
    try {
      if (!session.begin()) {
        throw ControlException.failed("%s on %s is revoked".formatted(endpoint, machine));
      }
      try {
        TranslateStatus status = session.translate(iova, 1, access, new DmaRanges());
        return status == TranslateStatus.FAULT
            ? Optional.of(session.fault().map(f -> f.describe()).orElse("no reason given"))
            : Optional.empty();
      } finally {
        session.end();
      }
    } finally {
      session.close();
    }
  }
}
