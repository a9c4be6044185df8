package aperture.vhostuser.internal.wire;

import java.util.Set;

/** A row of the message table. */
public sealed interface Request permits FrontEndRequest, BackEndRequest {

  /** Its name in the protocol. */
  String name();

  /** All that the table says of it. */
  Row columns();

  /** Its number on the wire. */
  default int id() {
    return columns().id();
  }

  default Payload payload() {
    return columns().payload();
  }

  /** How many descriptors come along. */
  default Fds fds() {
    return columns().fds();
  }

  default ReplyRule replyRule() {
    return columns().replyRule();
  }

  /** The payload of its own answer, where {@link #replyRule} has one. */
  default Payload replyPayload() {
    return columns().replyPayload();
  }

  /** How many descriptors come with its own answer. */
  default Fds replyFds() {
    return columns().replyFds();
  }

  /** Protocol features that must all be agreed upon. */
  default Set<ProtocolFeature> protocolFeatures() {
    return columns().protocolFeatures();
  }

  /** The feature bit of the device that must be offered or set. */
  default GateFeature gate() {
    return columns().gate();
  }

  /**
   * A number of descriptors.
   *
   * @param min at least so many
   * @param max at most so many
   */
  record Fds(int min, int max) {
    static final Fds NONE = new Fds(0, 0);
    static final Fds ONE = new Fds(1, 1);
    static final Fds MAYBE = new Fds(0, 1);

    public boolean takes(int count) {
      return count >= min && count <= max;
    }

    @Override
    public String toString() {
      return min == max ? String.valueOf(min) : min + " to " + max;
    }
  }
}
