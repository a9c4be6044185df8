package aperture.guest;

import aperture.access.AddressSpace;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.guest.dma.BounceDma;
import aperture.virtio.DriverKind;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K3b: a guest whose memory is closed to devices. It drives no device that does not offer bit
 * 33, and shares a pool with the others, which all data is copied through.
 *
 * <p>Linux 6.1, drivers/virtio/virtio.c and kernel/dma/swiotlb.c.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + ConfidentialDriverKind.NAME)
public final class ConfidentialDriverKind implements PolicyKind {

  static final String NAME = "K3b";

  /** Room for what one driver has in flight. */
  private static final long POOL = 8L << 20;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "confidential guest: declines devices without bit 33, bounces the data of others";
  }

  @Override
  public FeatureSet knows() {
    return ModernDriverKind.KNOWS;
  }

  @Override
  public AddressSpace addresses(FeatureSet accepted) {
    return AddressSpace.BUS;
  }

  @Override
  public Optional<String> declines(GuestPlatform platform, FeatureSet offered) {
    return RestrictedMemory.objection(offered);
  }

  @Override
  public DriverDma dma(GuestPlatform platform, FeatureSet accepted) throws DmaException {
    return BounceDma.over(platform.dmaApi(), POOL);
  }
}
