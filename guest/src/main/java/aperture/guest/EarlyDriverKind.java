package aperture.guest;

import aperture.access.AddressSpace;
import aperture.virtio.DriverKind;
import aperture.virtio.FeatureSet;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K1c: a driver of the modern registers that looks at the first word of features only, as
 * early firmware does. It accepts neither VERSION_1 nor bit 33, and posts physical addresses.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + EarlyDriverKind.NAME)
public final class EarlyDriverKind implements PolicyKind {

  static final String NAME = "K1c";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "early driver of modern registers: accepts no bit above 31, posts physical addresses";
  }

  @Override
  public FeatureSet knows() {
    return LegacyDriverKind.KNOWS;
  }

  @Override
  public AddressSpace addresses(FeatureSet accepted) {
    return AddressSpace.PHYSICAL;
  }
}
