package aperture.virtio;

import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.UserDma;
import aperture.memory.MemoryRange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The machine as a guest driver sees it. Thread-safe. */
@ProviderType
public interface GuestPlatform {

  /** Name of the device, for messages and thread names. */
  String deviceName();

  /** The DMA API of the device: bus addresses. */
  DriverDma dmaApi();

  /** Plain guest-physical addresses. */
  DriverDma physical();

  /** The machine's memory, guest-physical, as its firmware tells. */
  default List<MemoryRange> memory() {
    return List.of();
  }

  /** The options given with the driver, by name: those of {@link DriverKind#options}. */
  default Map<String, String> options() {
    return Map.of();
  }

  /**
   * Takes the device out of the kernel's hands, for a program: the IOMMU in front of it translates
   * from now on, also where it gave the device the identity before. Ends when the driver is
   * unbound.
   *
   * @return empty where no IOMMU is in front: there is no group to take
   * @throws DmaException when the kernel has mappings left, or the IOMMU cannot
   */
  default Optional<UserDma> takeForUser() throws DmaException {
    return Optional.empty();
  }

  /**
   * Takes the IOMMU in front of the device for a hypervisor underneath the kernel, as {@link
   * #takeForUser} does for a program.
   */
  default Optional<UserDma> takeForHypervisor() throws DmaException {
    return takeForUser();
  }

  /** Whether the platform describes an IOMMU in front of the device. */
  boolean describesIommu();
}
