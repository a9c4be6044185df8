package aperture.vhostuser.internal.wire;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * A set of protocol features as it is sent.
 *
 * @param bits one bit per {@link ProtocolFeature}, and perhaps bits that nobody knows
 */
public record ProtocolFeatures(long bits) {

  public static final ProtocolFeatures NONE = new ProtocolFeatures(0);

  /** Everything that this back end implements; a device offers a part of it. */
  public static final ProtocolFeatures OFFERED =
      of(Arrays.stream(ProtocolFeature.values()).filter(ProtocolFeature::offered).toList());

  public static ProtocolFeatures of(Collection<ProtocolFeature> features) {
    long bits = 0;
    for (ProtocolFeature feature : features) {
      bits |= feature.mask();
    }
    return new ProtocolFeatures(bits);
  }

  public static ProtocolFeatures of(ProtocolFeature... features) {
    return of(List.of(features));
  }

  public boolean has(ProtocolFeature feature) {
    return (bits & feature.mask()) != 0;
  }

  public boolean hasAll(Collection<ProtocolFeature> features) {
    return features.stream().allMatch(this::has);
  }

  public ProtocolFeatures without(ProtocolFeature feature) {
    return new ProtocolFeatures(bits & ~feature.mask());
  }

  /** Bits that are not in {@code offered}: none may be set by a front end. */
  public long beyond(ProtocolFeatures offered) {
    return bits & ~offered.bits;
  }

  /** The features by name; what has no name is left out. */
  public List<ProtocolFeature> named() {
    return Arrays.stream(ProtocolFeature.values()).filter(this::has).toList();
  }

  @Override
  public String toString() {
    return "0x%x%s".formatted(bits, named());
  }
}
