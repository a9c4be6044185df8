package aperture.core.internal.dma;

import aperture.iommu.IommuTableDriver;

/** For tests that must be alone with a table driver: what core would do meanwhile waits. */
public final class UnitLock {

  /** What a test does meanwhile. */
  @FunctionalInterface
  public interface Body {
    void run(IommuTableDriver driver) throws Exception;
  }

  private UnitLock() {}

  /** Runs with the lock of an IOMMU that has a table driver. */
  public static void holding(IommuUnit unit, Body body) throws Exception {
    unit.lock().lock();
    try {
      Attachment attachment = unit.attachment();
      if (attachment == null || attachment.driver() == null) {
        throw new IllegalStateException("there is no table driver");
      }
      body.run(attachment.driver());
    } finally {
      unit.lock().unlock();
    }
  }
}
