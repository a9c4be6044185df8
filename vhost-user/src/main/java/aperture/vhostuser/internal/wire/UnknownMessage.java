package aperture.vhostuser.internal.wire;

/**
 * A message with a number that is in no table. It has been read over, and its descriptors are
 * closed; the next message follows.
 *
 * @param id its number
 * @param asksForReply whether its sender waits for an answer, to be given by {@link
 *     MessageWriter#refuse}
 */
public record UnknownMessage<R extends Request>(int id, boolean asksForReply)
    implements Received<R> {}
