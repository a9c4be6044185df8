package aperture.core.internal.policy;

import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.UserDma;
import aperture.memory.MemoryRange;
import aperture.virtio.GuestPlatform;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine as a driver sees it, and as an experiment watches the driver. */
final class WatchedPlatform implements GuestPlatform {

  private final GuestPlatform platform;
  private final Canaries canaries;
  private final Owned owned = new Owned();
  private final long mask;
  private volatile boolean userProgram;

  /**
   * @param mask highest address that the device can express
   */
  WatchedPlatform(GuestPlatform platform, Canaries canaries, long mask) {
    this.platform = platform;
    this.canaries = canaries;
    this.mask = mask;
  }

  /** Memory of the driver. */
  Owned owned() {
    return owned;
  }

  /** Whether a program took the device, or tried to. */
  boolean userProgram() {
    return userProgram;
  }

  @Override
  public String deviceName() {
    return platform.deviceName();
  }

  @Override
  public DriverDma dmaApi() {
    return watched(platform.dmaApi());
  }

  @Override
  public DriverDma physical() {
    return watched(platform.physical());
  }

  private DriverDma watched(DriverDma face) {
    return new WatchedDma(limited(face), canaries, owned);
  }

  /** Only where addresses are translated: physical ones are what they are. */
  private <D extends DriverDma> D limited(D face) {
    if (face.translated()) {
      try {
        face.setAddressMask(mask);
      } catch (DmaException e) {
        throw new IllegalStateException(e);
      }
    }
    return face;
  }

  @Override
  public Map<String, String> options() {
    return platform.options();
  }

  @Override
  public List<MemoryRange> memory() {
    return platform.memory();
  }

  @Override
  public Optional<UserDma> takeForUser() throws DmaException {
    userProgram = true;
    return platform
        .takeForUser()
        .map(user -> new WatchedDma.Chosen(limited(user), canaries, owned));
  }

  @Override
  public boolean describesIommu() {
    return platform.describesIommu();
  }
}
