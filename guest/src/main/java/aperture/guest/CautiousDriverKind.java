package aperture.guest;

import aperture.access.AddressSpace;
import aperture.virtio.DriverKind;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K3a: as K2, except that it does not drive a device which does not offer bit 33 behind an
 * IOMMU that changes addresses.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + CautiousDriverKind.NAME)
public final class CautiousDriverKind implements PolicyKind {

  static final String NAME = "K3a";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "as K2, but declines a device without bit 33 behind an IOMMU that changes addresses";
  }

  @Override
  public FeatureSet knows() {
    return ModernDriverKind.KNOWS;
  }

  @Override
  public AddressSpace addresses(FeatureSet accepted) {
    return accepted.has(Feature.ACCESS_PLATFORM) ? AddressSpace.BUS : AddressSpace.PHYSICAL;
  }

  @Override
  public Optional<String> declines(GuestPlatform platform, FeatureSet offered) {
    return PolicyKind.super
        .declines(platform, offered)
        .or(() -> CommonBufferCheck.objection(platform, offered));
  }
}
