package aperture.guest;

import aperture.access.AddressSpace;
import aperture.virtio.DriverKind;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K1b: a virtio 1.0 driver that was written before bit 33. It never accepts the bit and posts
 * physical addresses.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + UnawareDriverKind.NAME)
public final class UnawareDriverKind implements PolicyKind {

  static final String NAME = "K1b";

  static final FeatureSet KNOWS =
      FeatureSet.of(Feature.VERSION_1, Feature.INDIRECT_DESC, Feature.EVENT_IDX);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "virtio 1.0 driver unaware of bit 33: posts physical addresses";
  }

  @Override
  public FeatureSet knows() {
    return KNOWS;
  }

  @Override
  public AddressSpace addresses(FeatureSet accepted) {
    return AddressSpace.PHYSICAL;
  }
}
