package aperture.vhostuser.internal.wire;

/** The peer has ended the connection, between two messages. */
public record Disconnected<R extends Request>() implements Received<R> {}
