package aperture.core.internal.dma;

import aperture.dma.DmaException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.MappingLedger;
import aperture.iommu.Permission;

/**
 * What drivers mapped behind an IOMMU: made and ended by whatever table driver is attached, under
 * the IOMMU's lock. What is ended while none is attached waits for the next.
 */
public final class UnitMappings {

  private final IommuUnit unit;
  private final Orphans orphans;
  private final DeferredFlush deferred = new DeferredFlush(this::flush);

  /**
   * @param orphans what was ended while no driver was attached; under the IOMMU's lock
   */
  UnitMappings(IommuUnit unit, Orphans orphans) {
    this.unit = unit;
    this.orphans = orphans;
  }

  long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws DmaException {
    unit.lock().lock();
    try {
      long iova = unit.awaitDriver().map(endpoint, gpa, size, permission, limit);
      unit.state().ledger().add(endpoint, iova, gpa, size, permission);
      return iova;
    } catch (IommuException e) {
      throw new DmaException(String.valueOf(e.getMessage()), e);
    } finally {
      unit.lock().unlock();
    }
  }

  /** Maps where somebody wants it. */
  void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws DmaException {
    unit.lock().lock();
    try {
      enter(unit.awaitDriver(), endpoint, iova, gpa, size, permission);
    } catch (IommuException e) {
      throw new DmaException(String.valueOf(e.getMessage()), e);
    } finally {
      unit.lock().unlock();
    }
  }

  private void enter(
      IommuTableDriver driver,
      Endpoint endpoint,
      long iova,
      long gpa,
      long size,
      Permission permission)
      throws IommuException {
    driver.mapAt(endpoint, iova, gpa, size, permission);
    unit.state().ledger().add(endpoint, iova, gpa, size, permission);
  }

  /**
   * Maps right behind another mapping, so that both are one range to the device.
   *
   * @return false when that place is taken
   */
  boolean mapBehind(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws DmaException {
    unit.lock().lock();
    try {
      IommuTableDriver driver = unit.awaitDriver();
      if (unit.state().ledger().sizeOf(endpoint, iova) != 0) {
        return false;
      }
      enter(driver, endpoint, iova, gpa, size, permission);
      return true;
    } catch (IommuException e) {
      return false;
    } finally {
      unit.lock().unlock();
    }
  }

  void unmap(Endpoint endpoint, long iova, long size) throws DmaException {
    unit.lock().lock();
    try {
      // Before the check: waiting lets other drivers in.
      unit.awaitOpenOrClosed();
      if (size == 0 || liveSize(endpoint, iova) != size) {
        throw new DmaException(
            "endpoint %s has no mapping of %d bytes at 0x%x".formatted(endpoint.id(), size, iova));
      }
      Attachment current = unit.attachment();
      if (unit.phase() == IommuUnit.Phase.CLOSED || current == null || current.driver() == null) {
        orphans.add(endpoint, iova, size);
      } else {
        current.driver().unmap(endpoint, iova, size);
        unit.state().ledger().remove(endpoint, iova);
        if (current.driver().deferred()) {
          deferred.schedule();
        }
      }
    } finally {
      unit.lock().unlock();
    }
  }

  /** A driver that is gone has left nothing put off: opening the gate forgets everything cached. */
  private void flush() {
    unit.lock().lock();
    try {
      Attachment current = unit.attachment();
      if (unit.phase() == IommuUnit.Phase.ATTACHED && current != null && current.driver() != null) {
        current.driver().flush();
      }
    } finally {
      unit.lock().unlock();
    }
  }

  boolean isMapped(Endpoint endpoint, long iova, long size) {
    unit.lock().lock();
    try {
      return liveSize(endpoint, iova) == size;
    } finally {
      unit.lock().unlock();
    }
  }

  private long liveSize(Endpoint endpoint, long iova) {
    long size = unit.state().ledger().sizeOf(endpoint, iova);
    return orphans.contains(endpoint, iova, size) ? 0 : size;
  }

  /** Live mappings of all endpoints. */
  public void forEach(MappingLedger.Visitor visitor) {
    unit.lock().lock();
    try {
      unit.state()
          .ledger()
          .forEach((endpoint, iova, gpa, size, permission) -> {
            if (!orphans.contains(endpoint, iova, size)) {
              visitor.visit(endpoint, iova, gpa, size, permission);
            }
          });
    } finally {
      unit.lock().unlock();
    }
  }

  public long countOf(Endpoint endpoint) {
    unit.lock().lock();
    try {
      return (long) unit.state().ledger().countOf(endpoint) - orphans.countOf(endpoint);
    } finally {
      unit.lock().unlock();
    }
  }
}
