package aperture.vhostuser.internal.session;

import aperture.served.ServedDevice;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.GateFeature;
import aperture.vhostuser.internal.wire.ProtocolFeature;
import aperture.vhostuser.internal.wire.ProtocolFeatures;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import java.util.Optional;

/** What the two sides agreed upon: features of the device, and of the protocol itself. */
final class Agreement {

  /** Log every write, for migration: between front end and back end, unknown to the driver. */
  static final int LOG_ALL = 26;

  private static final FeatureSet TRANSPORT =
      FeatureSet.of(LOG_ALL, GateFeature.PROTOCOL_FEATURES.bit());

  private final FeatureSet deviceOffer;
  private final ProtocolFeatures protocolOffer;
  private ProtocolFeatures protocol = ProtocolFeatures.NONE;
  private FeatureSet acked = FeatureSet.NONE;
  private boolean settled;

  Agreement(ServedDevice device) {
    deviceOffer = device.offered();
    // A front end refuses to read configuration that a device has none of.
    protocolOffer =
        device.config().length > 0
            ? ProtocolFeatures.OFFERED
            : ProtocolFeatures.OFFERED.without(ProtocolFeature.CONFIG);
  }

  /** Bits for GET_FEATURES. */
  long offer() {
    return deviceOffer.plus(TRANSPORT).low();
  }

  long protocolOffer() {
    return protocolOffer.bits();
  }

  ProtocolFeatures protocol() {
    return protocol;
  }

  void protocol(long bits) throws RefusedException {
    ProtocolFeatures wanted = new ProtocolFeatures(bits);
    long beyond = wanted.beyond(protocolOffer);
    if (beyond != 0) {
      throw new RefusedException("protocol features 0x%x were not offered".formatted(beyond));
    }
    protocol = wanted;
  }

  /**
   * Splits what the front end acked.
   *
   * @return what concerns the device
   */
  FeatureSet check(long bits) throws RefusedException {
    FeatureSet wanted = new FeatureSet(bits, 0);
    FeatureSet beyond = wanted.minus(deviceOffer.plus(TRANSPORT));
    if (beyond.has(Feature.ACCESS_PLATFORM)) {
      throw new RefusedException(
          "the front end acked ACCESS_PLATFORM (bit 33) for an IOMMU, and it was not offered; "
              + "serve with --access-platform on, or take iommu_platform=on off the device");
    }
    if (!beyond.isEmpty()) {
      throw new RefusedException("features " + beyond.bits() + " were not offered");
    }
    boolean translated = wanted.has(Feature.ACCESS_PLATFORM);
    if (translated
        && !(protocol.has(ProtocolFeature.REPLY_ACK)
            && protocol.has(ProtocolFeature.BACKEND_REQ))) {
      throw new RefusedException(
          "ACCESS_PLATFORM needs the protocol features REPLY_ACK and BACKEND_REQ, to ask for "
              + "translations; use a front end that has them, or serve with --access-platform off");
    }
    if (!wanted.has(Feature.VERSION_1)) {
      throw new RefusedException(
          "the driver did not ack VERSION_1 (bit 32): it uses the legacy interface; give the device"
              + " disable-legacy=on, virtio-mmio force-legacy=false, or the guest a newer driver");
    }
    return wanted.minus(TRANSPORT);
  }

  void acked(long bits) {
    acked = new FeatureSet(bits, 0);
    settled = true;
  }

  /** Everything acked, transport bits among it. */
  FeatureSet acked() {
    return acked;
  }

  /** Whether the front end has acked features at all. */
  boolean settled() {
    return settled;
  }

  boolean translated() {
    return acked.has(Feature.ACCESS_PLATFORM);
  }

  boolean logsAll() {
    return acked.has(LOG_ALL);
  }

  /** Without bit 30 rings are never enabled one by one. */
  boolean enablesAll() {
    return !acked.has(GateFeature.PROTOCOL_FEATURES.bit());
  }

  void forgetFeatures() {
    acked = FeatureSet.NONE;
    settled = false;
  }

  /** Why a message is not legal now; empty when it is. */
  Optional<String> objection(FrontEndRequest request) {
    if (!protocol.hasAll(request.protocolFeatures())) {
      return Optional.of("%s needs %s".formatted(request, request.protocolFeatures()));
    }
    // The gate of protocol features is open once they are offered, and they always are.
    if (request.gate() == GateFeature.ACCESS_PLATFORM && !translated()) {
      return Optional.of(request + " needs ACCESS_PLATFORM, which was not acked");
    }
    return Optional.empty();
  }
}
