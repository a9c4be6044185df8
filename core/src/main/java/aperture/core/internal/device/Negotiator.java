package aperture.core.internal.device;

import aperture.access.AccessDecision;
import aperture.access.AddressSpace;
import aperture.core.internal.dma.EndpointDma;
import aperture.virtio.DeviceStatus;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * What a device offers, what its driver accepts, and the address space that follows: decided anew
 * after each reset. Written under the device's lock, read by anybody.
 */
final class Negotiator {

  private final String id;
  private final VirtioDevice device;
  private final AccessDecision decision;
  private final EndpointDma dma;
  private final boolean requireVersion1;
  private final Logger log;
  private final FeatureSet offered;
  private volatile FeatureSet accepted = FeatureSet.NONE;
  private volatile String refusal = "";
  private volatile boolean settled;

  /**
   * @param requireVersion1 whether a driver of the modern interface must accept VERSION_1
   * @param log where people read what happens to the device
   */
  Negotiator(
      String id,
      VirtioDevice device,
      AccessDecision decision,
      EndpointDma dma,
      boolean requireVersion1,
      Logger log) {
    this.id = id;
    this.device = device;
    this.decision = decision;
    this.dma = dma;
    this.requireVersion1 = requireVersion1;
    this.log = log;
    this.offered = Negotiation.offered(device, decision);
  }

  FeatureSet offered() {
    return offered;
  }

  FeatureSet accepted() {
    return accepted;
  }

  /** Why FEATURES_OK was refused last; empty when it was not. */
  String refusal() {
    return refusal;
  }

  /** Whether features are frozen and the address space is chosen. */
  boolean settled() {
    return settled;
  }

  /** Ignored once features are frozen. */
  void accept(int word, int bits) {
    if (!settled) {
      accepted = accepted.withWord(word, bits);
    }
  }

  /**
   * The driver sets FEATURES_OK.
   *
   * @param status the status register before
   * @return false when that is refused
   */
  boolean featuresOk(int status) {
    if ((status & DeviceStatus.DRIVER) == 0) {
      refusal = "FEATURES_OK before DRIVER";
      return false;
    }
    boolean excused = !requireVersion1 && !accepted.has(Feature.VERSION_1);
    Optional<String> why =
        excused
            ? Negotiation.refusalOf(offered, accepted, device, false)
            : Negotiation.refusal(offered, accepted, device, decision);
    refusal = why.orElse("");
    if (why.isPresent()) {
      log.log(Level.INFO, "{0}: FEATURES_OK refused: {1}", id, refusal);
      return false;
    }
    // Nobody asked whether an excused driver accepted the bit: its addresses are the bus's.
    settle(accepted.has(Feature.ACCESS_PLATFORM) || excused && decision.offer().on());
    return true;
  }

  /**
   * The driver goes on by the legacy interface, which has no FEATURES_OK: what it accepted of what
   * it was shown stands, and bit 33 was not among that.
   *
   * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Legacy Interface: A Note on Feature
   * Bits".
   */
  void legacyGoesOn() {
    if (!settled) {
      accepted = accepted.and(offered).withWord(1, 0);
      settle(false);
    }
  }

  private void settle(boolean acked) {
    dma.select(decision.addressSpace(acked));
    settled = true;
    warning().ifPresent(text -> log.log(Level.WARNING, "{0}: {1}", id, text));
  }

  /** What an operator should know about the way that addresses take. */
  Optional<String> warning() {
    if (settled && decision.offer().on() && dma.covered() && dma.space() == AddressSpace.PHYSICAL) {
      return Optional.of(
          "the driver did not accept ACCESS_PLATFORM and the device is not strict (%s): it goes round the IOMMU in front of it"
              .formatted(decision.strict().provenance()));
    }
    return decision.warning();
  }

  void reset() {
    accepted = FeatureSet.NONE;
    refusal = "";
    settled = false;
  }
}
