package aperture.core.internal.device;

import aperture.access.AccessDecision;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import aperture.virtqueue.RingFeatures;
import java.util.Optional;

/**
 * What a device checks when the driver sets FEATURES_OK.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Feature Bits" and "Reserved Feature Bits".
 */
public final class Negotiation {

  private static final FeatureSet ENGINE =
      FeatureSet.of(Feature.VERSION_1, Feature.INDIRECT_DESC, Feature.EVENT_IDX);

  private Negotiation() {}

  /** What the device offers: its type's features, those of the engine, and bit 33 as decided. */
  public static FeatureSet offered(VirtioDevice device, AccessDecision decision) {
    FeatureSet offered =
        decision.interfaces().modern()
            ? device.features().plus(ENGINE)
            : device.features().plus(ENGINE).withWord(1, 0);
    return decision.offer().on() ? offered.with(Feature.ACCESS_PLATFORM) : offered;
  }

  /** What was accepted of the features of rings. */
  public static RingFeatures ring(FeatureSet accepted) {
    return new RingFeatures(accepted.has(Feature.INDIRECT_DESC), accepted.has(Feature.EVENT_IDX));
  }

  /** Why FEATURES_OK is refused; empty when it is accepted. */
  static Optional<String> refusal(
      FeatureSet offered, FeatureSet accepted, VirtioDevice device, AccessDecision decision) {
    if (accepted.minus(offered).isEmpty()
        && accepted.has(Feature.VERSION_1)
        && decision.refuses(accepted.has(Feature.ACCESS_PLATFORM))) {
      return Optional.of(
          "the driver did not accept ACCESS_PLATFORM and the device is strict (%s)"
              .formatted(decision.strict().provenance()));
    }
    return refusalOf(offered, accepted, device);
  }

  /** Why features are refused by any device, whatever was decided about addresses. */
  public static Optional<String> refusalOf(
      FeatureSet offered, FeatureSet accepted, VirtioDevice device) {
    return refusalOf(offered, accepted, device, true);
  }

  /** The same, of a device that may take drivers which do not accept VERSION_1. */
  static Optional<String> refusalOf(
      FeatureSet offered, FeatureSet accepted, VirtioDevice device, boolean requireVersion1) {
    FeatureSet unoffered = accepted.minus(offered);
    if (!unoffered.isEmpty()) {
      return Optional.of("the driver accepted bits that were not offered: " + unoffered.bits());
    }
    if (requireVersion1 && !accepted.has(Feature.VERSION_1)) {
      return Optional.of("the driver did not accept VERSION_1 on a modern-only device");
    }
    return device.checkFeatures(accepted);
  }
}
