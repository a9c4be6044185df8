package aperture.vhostuser.internal.session;

import java.io.IOException;

/**
 * What a message asks cannot be done; nothing has changed. The front end is told when it waits for
 * an answer, and otherwise loses its connection, since it would go on as if it had been done.
 */
final class RefusedException extends IOException {

  private static final long serialVersionUID = 1L;

  RefusedException(String why) {
    super(why);
  }
}
