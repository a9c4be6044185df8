package aperture.vhostuser.internal.session;

import static aperture.vhostuser.internal.wire.FrontEndRequest.GET_FEATURES;
import static aperture.vhostuser.internal.wire.FrontEndRequest.GET_PROTOCOL_FEATURES;
import static aperture.vhostuser.internal.wire.FrontEndRequest.GET_QUEUE_NUM;
import static aperture.vhostuser.internal.wire.FrontEndRequest.GET_STATUS;
import static aperture.vhostuser.internal.wire.FrontEndRequest.RESET_DEVICE;
import static aperture.vhostuser.internal.wire.FrontEndRequest.RESET_OWNER;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_FEATURES;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_OWNER;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_PROTOCOL_FEATURES;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_STATUS;

import aperture.served.ServedDevice;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.virtio.FeatureSet;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Features, ownership, status, reset. */
final class FeatureHandlers implements Handlers.Group {

  private static final long MOST_STATUS = 0xff;

  private final ServedDevice device;
  private final Agreement agreement;
  private final Rings rings;
  private final Memory memory;
  private long status;

  FeatureHandlers(ServedDevice device, Agreement agreement, Rings rings, Memory memory) {
    this.device = device;
    this.agreement = agreement;
    this.rings = rings;
    this.memory = memory;
  }

  @Override
  public void addTo(Map<FrontEndRequest, Handler> handlers) {
    handlers.put(GET_FEATURES, (m, answers) -> answers.reply(m.request(), agreement.offer()));
    handlers.put(SET_FEATURES, (m, answers) -> features(m.number()));
    handlers.put(
        GET_PROTOCOL_FEATURES,
        (m, answers) -> answers.reply(m.request(), agreement.protocolOffer()));
    handlers.put(SET_PROTOCOL_FEATURES, (m, answers) -> agreement.protocol(m.number()));
    handlers.put(GET_QUEUE_NUM, (m, answers) -> answers.reply(m.request(), device.queues()));
    // A connection is owned by whoever made it; nothing depends on its being said.
    handlers.put(SET_OWNER, (m, answers) -> {});
    // Deprecated: front ends send it where they mean something else, so that state is kept.
    handlers.put(RESET_OWNER, (m, answers) -> {});
    handlers.put(RESET_DEVICE, (m, answers) -> reset());
    handlers.put(GET_STATUS, (m, answers) -> answers.reply(m.request(), status));
    handlers.put(SET_STATUS, (m, answers) -> status(m.number()));
  }

  private void features(long bits) throws IOException {
    FeatureSet wanted = agreement.check(bits);
    boolean translatedBefore = agreement.translated();
    boolean loggedBefore = agreement.logsAll();
    Optional<String> refusal = device.accept(wanted);
    if (refusal.isPresent()) {
      throw new RefusedException(refusal.get());
    }
    agreement.acked(bits);
    if (agreement.translated() != translatedBefore) {
      memory.stale();
    }
    if (agreement.enablesAll()) {
      rings.all().forEach(ring -> ring.enabled(true));
    }
    if (agreement.logsAll() != loggedBefore) {
      // Workers take their journal when they start.
      rings.whilePaused(() -> {});
    }
    for (Ring ring : rings.all()) {
      rings.startIfReady(ring);
    }
  }

  /**
   * What the driver's status register says: kept for the front end, and nothing follows from it.
   */
  private void status(long value) throws RefusedException {
    if (value < 0 || value > MOST_STATUS) {
      throw new RefusedException("device status 0x%x".formatted(value));
    }
    status = value;
  }

  private void reset() {
    rings.reset();
    agreement.forgetFeatures();
    device.reset();
    memory.stale();
    status = 0;
  }
}
