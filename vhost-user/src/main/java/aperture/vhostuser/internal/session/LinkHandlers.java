package aperture.vhostuser.internal.session;

import static aperture.vhostuser.internal.wire.FrontEndRequest.IOTLB_MSG;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_BACKEND_REQ_FD;

import aperture.vhostuser.internal.iotlb.FrontEndIotlb;
import aperture.vhostuser.internal.memory.RegionTable;
import aperture.vhostuser.internal.wire.Channel;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.IotlbMessage;
import java.util.Map;

/** The second socket, and what comes of the questions asked there. */
final class LinkHandlers implements Handlers.Group {

  private final Channel channel;
  private final RegionTable regions;
  private final FrontEndIotlb iotlb;

  LinkHandlers(Channel channel, RegionTable regions, FrontEndIotlb iotlb) {
    this.channel = channel;
    this.regions = regions;
    this.iotlb = iotlb;
  }

  @Override
  public void addTo(Map<FrontEndRequest, Handler> handlers) {
    handlers.put(SET_BACKEND_REQ_FD, (m, answers) -> channel.takeBackEndSocket(m.takeFd()));
    handlers.put(IOTLB_MSG, (m, answers) -> iotlb(IotlbMessage.decode(m.payload())));
  }

  private void iotlb(IotlbMessage message) throws RefusedException {
    switch (message.type()) {
      case UPDATE -> update(message);
      case INVALIDATE -> {
        if (message.size() == 0) {
          throw new RefusedException("an IOTLB invalidation of nothing");
        }
        iotlb.invalidate(message.iova(), message.size());
      }
      case MISS, ACCESS_FAIL ->
          throw new RefusedException("IOTLB message %s from a front end".formatted(message.type()));
    }
  }

  private void update(IotlbMessage message) throws RefusedException {
    long size = message.size();
    boolean wraps =
        size <= 0 || Long.compareUnsigned(message.iova() + (size - 1), message.iova()) < 0;
    long gpa = wraps ? RegionTable.NOT_MEMORY : regions.userToGpa(message.userAddress(), size);
    if (gpa == RegionTable.NOT_MEMORY) {
      throw new RefusedException(
          "IOTLB update of 0x%x bytes at 0x%x: 0x%x is in no region of memory"
              .formatted(size, message.iova(), message.userAddress()));
    }
    iotlb.update(message.iova(), size, gpa, message.permission());
  }
}
