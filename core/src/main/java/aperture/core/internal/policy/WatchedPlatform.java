package aperture.core.internal.policy;

import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.UserDma;
import aperture.memory.MemoryRange;
import aperture.virtio.GuestPlatform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A machine as a driver sees it, and as an experiment watches the driver. */
final class WatchedPlatform implements GuestPlatform {

  private final GuestPlatform platform;
  private final Canaries canaries;
  private final Filler filler;
  private final Owned owned = new Owned();
  private final long mask;
  private final boolean hadIdentity;
  private volatile boolean userProgram;
  private volatile @Nullable UserDma filled;

  /**
   * @param mask highest address that the device can express
   */
  WatchedPlatform(GuestPlatform platform, Canaries canaries, Filler filler, long mask) {
    this.platform = platform;
    this.canaries = canaries;
    this.filler = filler;
    this.mask = mask;
    this.hadIdentity = !platform.dmaApi().translated();
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
    return watched(platform.takeForUser());
  }

  @Override
  public Optional<UserDma> takeForHypervisor() throws DmaException {
    return watched(platform.takeForHypervisor());
  }

  private Optional<UserDma> watched(Optional<UserDma> taken) throws DmaException {
    if (taken.isEmpty()) {
      return taken;
    }
    UserDma user = limited(taken.get());
    if (hadIdentity) {
      filler.take(user);
      filled = user;
    }
    return Optional.of(new WatchedDma.Chosen(user, canaries, owned));
  }

  /** Ends what the experiment itself mapped for a program. */
  void release() throws DmaException {
    UserDma user = filled;
    if (user != null) {
      filler.giveBack(user);
      filled = null;
    }
  }

  @Override
  public boolean describesIommu() {
    return platform.describesIommu();
  }
}
