package aperture.vhostuser.internal.session;

import static aperture.vhostuser.internal.wire.FrontEndRequest.GET_INFLIGHT_FD;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_INFLIGHT_FD;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_LOG_BASE;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_LOG_FD;

import aperture.served.ServedDevice;
import aperture.vhostuser.internal.inflight.InflightRegion;
import aperture.vhostuser.internal.migration.DirtyLog;
import aperture.vhostuser.internal.sys.Eventfd;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.InflightArea;
import aperture.vhostuser.internal.wire.LogArea;
import aperture.vhostuser.internal.wire.Message;
import aperture.vhostuser.internal.wire.MessageWriter;
import java.io.IOException;
import java.util.Map;

/** Records shared with the front end: requests in flight, memory written. */
final class TrackingHandlers implements Handlers.Group {

  private final ServedDevice device;
  private final Rings rings;

  TrackingHandlers(ServedDevice device, Rings rings) {
    this.device = device;
    this.rings = rings;
  }

  @Override
  public void addTo(Map<FrontEndRequest, Handler> handlers) {
    handlers.put(GET_INFLIGHT_FD, this::offerInflight);
    handlers.put(SET_INFLIGHT_FD, (m, answers) -> takeInflight(m));
    handlers.put(
        SET_LOG_BASE,
        (m, answers) -> rings.log(DirtyLog.map(LogArea.decode(m.payload()), m.takeFd())));
    handlers.put(SET_LOG_FD, (m, answers) -> rings.logged(Eventfd.adopt(m.takeFd())));
  }

  private void offerInflight(Message<FrontEndRequest> message, MessageWriter answers)
      throws IOException {
    InflightArea wanted = InflightArea.decode(message.payload());
    check(wanted);
    try (Fd file = InflightRegion.create(wanted.queues(), wanted.queueSize())) {
      long bytes = InflightRegion.bytes(wanted.queues(), wanted.queueSize());
      answers.reply(message.request(), wanted.answer(bytes, 0).encode(), file);
    }
  }

  private void takeInflight(Message<FrontEndRequest> message) throws IOException {
    InflightArea area = InflightArea.decode(message.payload());
    Fd file = message.takeFd();
    try {
      check(area);
      if (rings.anyRunning()) {
        throw new RefusedException("an in-flight region while a queue runs");
      }
    } catch (RefusedException e) {
      file.close();
      throw e;
    }
    rings.inflight(InflightRegion.map(area, file));
  }

  private void check(InflightArea area) throws RefusedException {
    int mostEntries = 0;
    for (int i = 0; i < device.queues(); i++) {
      mostEntries = Math.max(mostEntries, device.maxQueueSize(i));
    }
    boolean fits =
        area.queues() >= 1
            && area.queues() <= device.queues()
            && area.queueSize() >= 1
            && area.queueSize() <= mostEntries;
    if (!fits) {
      throw new RefusedException(
          "in-flight region for %d queues of %d entries: the device has %d of at most %d"
              .formatted(area.queues(), area.queueSize(), device.queues(), mostEntries));
    }
  }
}
