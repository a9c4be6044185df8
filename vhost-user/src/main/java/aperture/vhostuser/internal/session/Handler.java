package aperture.vhostuser.internal.session;

import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.Message;
import aperture.vhostuser.internal.wire.MessageWriter;
import java.io.IOException;

/** Does what one message asks. */
@FunctionalInterface
interface Handler {

  /**
   * Does it, or changes nothing.
   *
   * @param answers for messages that have an answer of their own; acknowledgements are not its
   *     business
   * @throws IOException why not
   */
  void handle(Message<FrontEndRequest> message, MessageWriter answers) throws IOException;
}
