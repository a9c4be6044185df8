package aperture.vhostuser.internal.wire;

import java.io.IOException;

/**
 * The peer broke the protocol. Its own fault and its own loss: the connection is closed, and what
 * it sent has had no effect. Descriptors that came with it are closed.
 */
public final class ProtocolException extends IOException {

  private static final long serialVersionUID = 1L;

  /** What was broken. */
  public enum Fault {
    /** The connection ended inside a message. */
    CUT_OFF,
    /** Version bits other than 1. */
    VERSION,
    /** A request that is marked as a reply, or a reply whose flags are not exactly a reply's. */
    FLAGS,
    /** More bytes than any message has, or not as many as this one has. */
    SIZE,
    /** More or fewer descriptors than the message has. */
    DESCRIPTORS,
    /** A field that contradicts another, or has no meaning. */
    CONTENT,
    /** An answer to something that was not asked. */
    UNEXPECTED
  }

  private final Fault fault;

  public ProtocolException(Fault fault, String what) {
    super(what);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }
}
