package aperture.vhostuser.internal.wire;

/**
 * What a reader found next.
 *
 * @param <R> the table that messages are looked up in
 */
public sealed interface Received<R extends Request> permits Message, UnknownMessage, Disconnected {}
