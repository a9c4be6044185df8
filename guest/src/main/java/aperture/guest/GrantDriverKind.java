package aperture.guest;

import aperture.access.AddressSpace;
import aperture.dma.DriverDma;
import aperture.guest.dma.GrantDma;
import aperture.virtio.DriverKind;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K5g: a Xen domain that grants the back end the memory of each request. It drives no device
 * that does not offer bit 33, and posts numbers of grants.
 *
 * <p>Linux 6.1, drivers/xen/grant-dma-ops.c.
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + GrantDriverKind.NAME)
public final class GrantDriverKind implements PolicyKind {

  static final String NAME = "K5g";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Xen domain with grants: declines devices without bit 33, posts grant numbers";
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
  public DriverDma dma(GuestPlatform platform, FeatureSet accepted) {
    return new GrantDma(platform.physical());
  }
}
