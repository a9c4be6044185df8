package aperture.guest;

import aperture.access.AddressSpace;
import aperture.virtio.DriverKind;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import org.osgi.service.component.annotations.Component;

/**
 * Kind K2: a modern driver. It accepts bit 33 when offered, and then posts what the DMA API hands
 * out; not offered means physical addresses.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Reserved Feature Bits".
 */
@Component(
    service = DriverKind.class,
    property = DriverKind.NAME_PROPERTY + "=" + ModernDriverKind.NAME)
public final class ModernDriverKind implements PolicyKind {

  static final String NAME = "K2";

  static final FeatureSet KNOWS =
      FeatureSet.of(
          Feature.VERSION_1,
          Feature.INDIRECT_DESC,
          Feature.EVENT_IDX,
          Feature.ACCESS_PLATFORM,
          Feature.ORDER_PLATFORM);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "modern driver: accepts bit 33 and uses the DMA API, else physical addresses";
  }

  @Override
  public FeatureSet knows() {
    return KNOWS;
  }

  @Override
  public AddressSpace addresses(FeatureSet accepted) {
    return accepted.has(Feature.ACCESS_PLATFORM) ? AddressSpace.BUS : AddressSpace.PHYSICAL;
  }
}
