package aperture.vhostuser.internal.session;

import static aperture.vhostuser.internal.wire.FrontEndRequest.GET_CONFIG;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_CONFIG;

import aperture.served.ServedDevice;
import aperture.vhostuser.internal.wire.ConfigMessage;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.Message;
import aperture.vhostuser.internal.wire.MessageWriter;
import java.io.IOException;
import java.util.Map;

/** The device's configuration space. */
final class ConfigHandlers implements Handlers.Group {

  private static final byte[] NOTHING = {};

  private final ServedDevice device;

  ConfigHandlers(ServedDevice device) {
    this.device = device;
  }

  @Override
  public void addTo(Map<FrontEndRequest, Handler> handlers) {
    handlers.put(GET_CONFIG, this::read);
    handlers.put(SET_CONFIG, (m, answers) -> write(ConfigMessage.decode(m.payload())));
  }

  /** An answer without bytes says that there are none. */
  private void read(Message<FrontEndRequest> message, MessageWriter answers) throws IOException {
    ConfigMessage wanted = ConfigMessage.decode(message.payload());
    byte[] config = device.config();
    byte[] bytes = NOTHING;
    if (wanted.within(config.length)) {
      bytes = new byte[wanted.bytes().length];
      System.arraycopy(config, (int) wanted.offset(), bytes, 0, bytes.length);
    }
    answers.reply(
        message.request(), new ConfigMessage(wanted.offset(), wanted.flags(), bytes).encode());
  }

  private void write(ConfigMessage wanted) throws RefusedException {
    int length = device.config().length;
    if (!wanted.within(length)) {
      throw new RefusedException(
          "%d bytes of configuration at %d, of %d"
              .formatted(wanted.bytes().length, wanted.offset(), length));
    }
    device.writeConfig((int) wanted.offset(), wanted.bytes());
  }
}
