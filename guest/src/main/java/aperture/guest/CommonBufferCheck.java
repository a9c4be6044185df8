package aperture.guest;

import aperture.dma.CoherentBuffer;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import java.util.Optional;

/**
 * Whether addresses are what they seem, found out as a driver without other means can: it allocates
 * a common buffer and compares the address for the device with that for the processor.
 *
 * <p>virtio-win, VirtIO/WDF/Dma.c.
 */
final class CommonBufferCheck {

  private static final int BYTES = 4096;

  private CommonBufferCheck() {}

  /**
   * Why a device that does not offer bit 33 cannot be given physical addresses; empty when it
   * offers the bit, no IOMMU is described, or the one that is changes nothing.
   */
  static Optional<String> objection(GuestPlatform platform, FeatureSet offered) {
    if (offered.has(Feature.ACCESS_PLATFORM) || !platform.describesIommu()) {
      return Optional.empty();
    }
    DriverDma dma = platform.dmaApi();
    try {
      CoherentBuffer common = dma.allocateCoherent(BYTES);
      long logical = common.address();
      long physical = common.memory().gpa();
      dma.freeCoherent(common);
      return logical == physical
          ? Optional.empty()
          : Optional.of(
              "the device does not offer bit 33, and the IOMMU changes addresses: 0x%x for 0x%x"
                  .formatted(logical, physical));
    } catch (DmaException e) {
      return Optional.of("no common buffer to compare addresses with: " + e.getMessage());
    }
  }
}
