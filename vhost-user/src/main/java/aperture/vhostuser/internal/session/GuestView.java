package aperture.vhostuser.internal.session;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.vhostuser.VhostGuest;
import aperture.vhostuser.VhostTranslation;
import aperture.vhostuser.internal.iotlb.FrontEndIotlb;
import aperture.vhostuser.internal.memory.RegionTable;
import java.io.IOException;
import java.util.List;

/**
 * A look at a connection's guest: a mapping of its own, so that neither the control thread nor a
 * worker is in its way.
 */
final class GuestView implements VhostGuest {

  private final GuestMemory memory;
  private final FrontEndIotlb iotlb;
  private final long opened;

  private GuestView(GuestMemory memory, FrontEndIotlb iotlb) {
    this.memory = memory;
    this.iotlb = iotlb;
    this.opened = iotlb.rests();
  }

  static GuestView open(RegionTable regions, FrontEndIotlb iotlb) throws IOException {
    if (regions.regions().isEmpty()) {
      throw new IOException("the front end has not shared any memory");
    }
    return new GuestView(regions.mapped(), iotlb);
  }

  @Override
  public List<MemoryRange> memory() {
    return memory.regions();
  }

  @Override
  public boolean read(long gpa, byte[] target) throws IOException {
    if (target.length == 0) {
      return true;
    }
    long offset = memory.offsetOf(gpa, target.length);
    if (offset == GuestMemory.NOT_MEMORY) {
      return false;
    }
    byte[] bytes = new byte[target.length];
    try {
      memory.read(offset, bytes, 0, bytes.length);
    } catch (InternalError e) {
      // What an access to pages says that the file has lost since.
      throw new IOException("guest memory at 0x%x is gone".formatted(gpa), e);
    }
    System.arraycopy(bytes, 0, target, 0, bytes.length);
    return true;
  }

  @Override
  public List<VhostTranslation> translations() {
    return iotlb.translations(opened);
  }

  @Override
  public void close() {
    memory.close();
  }
}
