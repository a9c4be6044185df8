package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.wire.Request.Fds;
import java.util.Set;

/** The columns of a message table, with what most rows have as the default. */
public record Row(
    int id,
    Payload payload,
    Fds fds,
    ReplyRule replyRule,
    Payload replyPayload,
    Fds replyFds,
    Set<ProtocolFeature> protocolFeatures,
    GateFeature gate) {

  /** No descriptors, answered if asked, always legal. */
  static Row row(int id, Payload payload) {
    return new Row(
        id,
        payload,
        Fds.NONE,
        ReplyRule.IF_ASKED,
        Payload.U64,
        Fds.NONE,
        Set.of(),
        GateFeature.NONE);
  }

  Row fds(Fds count) {
    return new Row(id, payload, count, replyRule, replyPayload, replyFds, protocolFeatures, gate);
  }

  Row answers(Payload body) {
    return new Row(id, payload, fds, ReplyRule.BODY, body, replyFds, protocolFeatures, gate);
  }

  /** Descriptors that come with the answer. */
  Row with(Fds count) {
    return new Row(id, payload, fds, replyRule, replyPayload, count, protocolFeatures, gate);
  }

  Row log() {
    return new Row(id, payload, fds, ReplyRule.LOG, replyPayload, replyFds, protocolFeatures, gate);
  }

  Row needs(ProtocolFeature... features) {
    return new Row(id, payload, fds, replyRule, replyPayload, replyFds, Set.of(features), gate);
  }

  Row gate(GateFeature feature) {
    return new Row(id, payload, fds, replyRule, replyPayload, replyFds, protocolFeatures, feature);
  }
}
