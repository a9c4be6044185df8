package aperture.guest;

import aperture.access.AddressSpace;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.UserDma;
import aperture.guest.bringup.DriverPolicy;
import aperture.guest.dma.PinnedDma;
import aperture.guest.dma.PinnedDma.Placement;
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
 * Kind K6: a program outside the kernel, which has the device through VFIO. It maps the memory that
 * it does I/O from, once, whatever the device offers; a device without an IOMMU in front belongs to
 * no group, and is driven only where the program is told to do without.
 *
 * <p>DPDK, drivers/net/virtio; Linux 6.1, drivers/vfio/vfio_iommu_type1.c.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + UserDriverKind.NAME)
public final class UserDriverKind implements DriverKind {

  static final String NAME = "K6";

  private static final KindOption ACK =
      new KindOption("ack", "whether it accepts bit 33", "yes", "no");
  private static final KindOption IOVA =
      new KindOption("iova", "what it maps memory at: its own addresses or physical", "va", "pa");
  private static final KindOption NO_IOMMU =
      new KindOption("no-iommu", "whether it goes without an IOMMU group", "off", "on");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "userspace driver over VFIO: programs the IOMMU itself, whatever is offered";
  }

  @Override
  public List<DeviceOption> options() {
    return List.of(ACK.described(), IOVA.described(), NO_IOMMU.described());
  }

  @Override
  public GuestDriver probe(GuestPlatform platform, VirtioTransport device) throws DriverException {
    Policy policy =
        new Policy(
            ACK.isOther(platform) ? UnawareDriverKind.KNOWS : ModernDriverKind.KNOWS,
            IOVA.isOther(platform) ? Placement.AS_IT_LIES : Placement.ANYWHERE,
            NO_IOMMU.isOther(platform),
            platform.describesIommu());
    return BoundDriver.probe(policy, platform, device);
  }

  private record Policy(
      FeatureSet knows, Placement placement, boolean withoutGroup, boolean hasGroup)
      implements DriverPolicy {

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public AddressSpace addresses(FeatureSet accepted) {
      return hasGroup ? AddressSpace.BUS : AddressSpace.PHYSICAL;
    }

    @Override
    public Optional<String> declines(GuestPlatform platform, FeatureSet offered) {
      return hasGroup || withoutGroup
          ? DriverPolicy.super.declines(platform, offered)
          : Optional.of("no IOMMU group: no IOMMU is in front of the device");
    }

    @Override
    public DriverDma dma(GuestPlatform platform, FeatureSet accepted) throws DmaException {
      Optional<UserDma> taken = platform.takeForUser();
      return taken.isPresent() ? new PinnedDma(taken.get(), placement) : platform.physical();
    }
  }
}
