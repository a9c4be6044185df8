package aperture.guest;

import aperture.access.AddressSpace;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.UserDma;
import aperture.guest.bringup.DriverPolicy;
import aperture.guest.dma.OneToOneDma;
import aperture.virtio.DeviceOption;
import aperture.virtio.DriverException;
import aperture.virtio.DriverKind;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestDriver;
import aperture.virtio.GuestPlatform;
import aperture.virtio.VirtioTransport;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K5: Xen's first domain, or one that drives devices for others. It always uses the DMA API,
 * whose addresses are those of the machine there, whether or not bit 33 is offered: the IOMMU is
 * Xen's, and the domain cannot program it. Xen may have mapped the machine's addresses one to one.
 *
 * <p>Linux 6.1, drivers/virtio/virtio_ring.c.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + XenDriverKind.NAME)
public final class XenDriverKind implements DriverKind {

  static final String NAME = "K5";

  private static final KindOption MAP =
      new KindOption("map", "what Xen has mapped in the IOMMU", "none", "identity");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Xen driver domain: accepts bit 33, posts machine addresses whatever is offered";
  }

  @Override
  public List<DeviceOption> options() {
    return List.of(MAP.described());
  }

  @Override
  public GuestDriver probe(GuestPlatform platform, VirtioTransport device) throws DriverException {
    return BoundDriver.probe(new Policy(MAP.isOther(platform)), platform, device);
  }

  private record Policy(boolean mapped) implements DriverPolicy {

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public FeatureSet knows() {
      return ModernDriverKind.KNOWS;
    }

    @Override
    public AddressSpace addresses(FeatureSet accepted) {
      return AddressSpace.PHYSICAL;
    }

    @Override
    public DriverDma dma(GuestPlatform platform, FeatureSet accepted) throws DmaException {
      // Where no IOMMU is in front there is nothing to map, and nobody takes the device.
      Optional<UserDma> behind =
          mapped && platform.describesIommu() ? platform.takeForHypervisor() : Optional.empty();
      return behind.isPresent() ? new OneToOneDma(behind.get()) : platform.physical();
    }
  }
}
