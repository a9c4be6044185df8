package aperture.vhostuser.internal.session;

import aperture.iommu.IommuBehavior;
import aperture.memory.GuestMemory;
import aperture.served.ServedDevice;
import aperture.vhostuser.internal.memory.RegionTable;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The guest's memory: the regions as told, and the mapping that the device uses. */
final class Memory implements AutoCloseable {

  private final ServedDevice device;
  private final RegionTable regions = new RegionTable();
  private @Nullable GuestMemory mapped;
  private boolean stale = true;

  Memory(ServedDevice device) {
    this.device = device;
  }

  RegionTable regions() {
    return regions;
  }

  /** Regions or features changed: the next start maps anew. */
  void stale() {
    stale = true;
  }

  /**
   * The mapping of the regions as they are. Only while no queue runs, unless nothing changed.
   *
   * @param iommu who translates; empty when addresses are guest-physical
   */
  GuestMemory attach(Optional<IommuBehavior> iommu) throws IOException {
    GuestMemory current = mapped;
    if (current != null && !stale) {
      return current;
    }
    if (regions.regions().isEmpty()) {
      throw new RefusedException("a ring without any memory");
    }
    GuestMemory fresh = regions.mapped();
    device.attach(fresh, iommu);
    mapped = fresh;
    stale = false;
    if (current != null) {
      current.close();
    }
    return fresh;
  }

  /** Only when the device has let go of the mapping. */
  @Override
  public void close() {
    if (mapped != null) {
      mapped.close();
      mapped = null;
    }
    stale = true;
    regions.close();
  }
}
