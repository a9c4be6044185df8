package aperture.guest;

import aperture.access.AddressSpace;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.virtio.DriverKind;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import aperture.virtio.LegacyTransport;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K1a: a driver from before virtio 1.0. It knows the legacy registers alone, where bit 33 does
 * not exist, and posts physical addresses that fit the number of a page in 32 bits.
 *
 * <p>Linux 6.1, drivers/virtio/virtio_pci_legacy.c.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + LegacyDriverKind.NAME)
public final class LegacyDriverKind implements PolicyKind {

  static final String NAME = "K1a";

  static final FeatureSet KNOWS = FeatureSet.of(Feature.INDIRECT_DESC, Feature.EVENT_IDX);

  /** What the number of a page can express. */
  private static final long ADDRESSES = (1L << 32) * LegacyTransport.QUEUE_ALIGN - 1;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "legacy driver: knows no bit above 31 and posts physical addresses";
  }

  @Override
  public FeatureSet knows() {
    return KNOWS;
  }

  @Override
  public Registers registers() {
    return Registers.LEGACY;
  }

  @Override
  public AddressSpace addresses(FeatureSet accepted) {
    return AddressSpace.PHYSICAL;
  }

  @Override
  public DriverDma dma(GuestPlatform platform, FeatureSet accepted) throws DmaException {
    DriverDma physical = platform.physical();
    physical.setAddressMask(ADDRESSES);
    return physical;
  }
}
