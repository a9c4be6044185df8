package aperture.vhostuser.internal.session;

import static aperture.vhostuser.internal.wire.FrontEndRequest.ADD_MEM_REG;
import static aperture.vhostuser.internal.wire.FrontEndRequest.GET_MAX_MEM_SLOTS;
import static aperture.vhostuser.internal.wire.FrontEndRequest.REM_MEM_REG;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_MEM_TABLE;

import aperture.vhostuser.internal.iotlb.FrontEndIotlb;
import aperture.vhostuser.internal.memory.Region;
import aperture.vhostuser.internal.memory.RegionTable;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.MemoryTable;
import aperture.vhostuser.internal.wire.Message;
import aperture.vhostuser.internal.wire.RegionMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The guest's memory, whole or region by region, also while rings are served. */
final class MemoryHandlers implements Handlers.Group {

  private final Rings rings;
  private final Memory memory;
  private final FrontEndIotlb iotlb;

  MemoryHandlers(Rings rings, Memory memory, FrontEndIotlb iotlb) {
    this.rings = rings;
    this.memory = memory;
    this.iotlb = iotlb;
  }

  @Override
  public void addTo(Map<FrontEndRequest, Handler> handlers) {
    handlers.put(SET_MEM_TABLE, (m, answers) -> replace(m));
    handlers.put(
        GET_MAX_MEM_SLOTS, (m, answers) -> answers.reply(m.request(), RegionTable.MAX_SLOTS));
    handlers.put(ADD_MEM_REG, (m, answers) -> add(m));
    handlers.put(REM_MEM_REG, (m, answers) -> remove(m));
  }

  private void replace(Message<FrontEndRequest> message) throws IOException {
    List<Region> regions = new ArrayList<>();
    for (RegionMessage each : MemoryTable.decode(message.payload()).regions()) {
      regions.add(region(each, message));
    }
    change(() -> memory.regions().replace(regions));
  }

  private void add(Message<FrontEndRequest> message) throws IOException {
    Region region = region(RegionMessage.decode(message.payload()), message);
    change(() -> memory.regions().add(region));
  }

  private void remove(Message<FrontEndRequest> message) throws IOException {
    RegionMessage region = RegionMessage.decode(message.payload());
    change(() -> memory.regions().remove(region.gpa(), region.size(), region.userAddress()));
  }

  private static Region region(RegionMessage told, Message<FrontEndRequest> message) {
    return new Region(
        told.gpa(), told.size(), told.userAddress(), told.mmapOffset(), message.takeFd());
  }

  private void change(Rings.Change change) throws IOException {
    rings.whilePaused(() -> {
      change.make();
      iotlb.clear();
      memory.stale();
    });
  }
}
