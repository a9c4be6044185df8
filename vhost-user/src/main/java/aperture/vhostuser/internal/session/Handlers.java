package aperture.vhostuser.internal.session;

import aperture.vhostuser.internal.wire.FrontEndRequest;
import java.util.EnumMap;
import java.util.Map;

/** All handlers, by message. */
final class Handlers {

  /** Some messages and what they do. */
  interface Group {
    void addTo(Map<FrontEndRequest, Handler> handlers);
  }

  private Handlers() {}

  static Map<FrontEndRequest, Handler> all(Group... groups) {
    Map<FrontEndRequest, Handler> handlers = new EnumMap<>(FrontEndRequest.class);
    for (Group group : groups) {
      group.addTo(handlers);
    }
    return handlers;
  }
}
