package aperture.virtio;

import aperture.dma.DriverDma;
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

  /** Whether the platform describes an IOMMU in front of the device. */
  boolean describesIommu();
}
