package aperture.guest;

import aperture.access.AddressSpace;
import aperture.dma.DriverDma;
import aperture.guest.dma.PseudoPhysicalDma;
import aperture.virtio.DriverKind;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K5old: a paravirtual Xen domain from before virtio used the DMA API there. As K1b, but what
 * it takes for physical addresses are the domain's own numbers of its pages, and not the machine's.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + PseudoPhysicalDriverKind.NAME)
public final class PseudoPhysicalDriverKind implements PolicyKind {

  static final String NAME = "K5old";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "old Xen domain: as K1b, but posts its own page numbers, which are not the machine's";
  }

  @Override
  public FeatureSet knows() {
    return UnawareDriverKind.KNOWS;
  }

  @Override
  public AddressSpace addresses(FeatureSet accepted) {
    return AddressSpace.PHYSICAL;
  }

  @Override
  public DriverDma dma(GuestPlatform platform, FeatureSet accepted) {
    return new PseudoPhysicalDma(platform.physical());
  }
}
