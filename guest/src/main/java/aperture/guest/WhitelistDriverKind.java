package aperture.guest;

import aperture.access.AddressSpace;
import aperture.guest.bringup.DriverPolicy;
import aperture.virtio.DeviceOption;
import aperture.virtio.DriverException;
import aperture.virtio.DriverKind;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestDriver;
import aperture.virtio.GuestPlatform;
import aperture.virtio.VirtioTransport;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K4: as K3a, with a list of devices that are known to be on the bus although they do not
 * offer bit 33. Behind an IOMMU it drives those by the DMA API.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + WhitelistDriverKind.NAME)
public final class WhitelistDriverKind implements DriverKind {

  static final String NAME = "K4";

  private static final KindOption WHITELIST =
      new KindOption(
          "whitelist", "whether the device is known to be behind the IOMMU", "no", "yes");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "as K3a, but drives listed devices without bit 33 by the DMA API";
  }

  @Override
  public List<DeviceOption> options() {
    return List.of(WHITELIST.described());
  }

  @Override
  public GuestDriver probe(GuestPlatform platform, VirtioTransport device) throws DriverException {
    Policy policy = new Policy(WHITELIST.isOther(platform), platform.describesIommu());
    return BoundDriver.probe(policy, platform, device);
  }

  private record Policy(boolean listed, boolean behindIommu) implements DriverPolicy {

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
      return accepted.has(Feature.ACCESS_PLATFORM) || (listed && behindIommu)
          ? AddressSpace.BUS
          : AddressSpace.PHYSICAL;
    }

    @Override
    public Optional<String> declines(GuestPlatform platform, FeatureSet offered) {
      Optional<String> usual = DriverPolicy.super.declines(platform, offered);
      return usual.isPresent() || listed ? usual : CommonBufferCheck.objection(platform, offered);
    }
  }
}
