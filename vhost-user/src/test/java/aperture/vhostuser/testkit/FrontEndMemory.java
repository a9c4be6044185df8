package aperture.vhostuser.testkit;

import aperture.access.AddressSpace;
import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.FaultLog;
import aperture.core.internal.dma.GuestPages;
import aperture.core.internal.dma.Handover;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.DriverDma;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.memory.GuestMemory;
import aperture.testkit.FlatBehavior;
import aperture.vhostuser.internal.memory.Region;
import aperture.vhostuser.internal.memory.RegionTable;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.wire.RegionMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A guest's memory in a file that can be shared, with an IOMMU in front of its device or none. */
public final class FrontEndMemory implements AutoCloseable {

  /** Where the front end has the memory, as far as the back end is told. */
  public static final long USER_BASE = 0x7f00_0000_0000L;

  static final long NOT_MAPPED = -1;
  private static final long PAGE = 4096;

  private final RegionTable table = new RegionTable();
  private final Region region;
  private final GuestMemory memory;
  private final GuestPages pages;
  private final Endpoint endpoint = Endpoint.pci(0, 0, 1, 0);
  private final @Nullable IommuUnit unit;
  private final @Nullable DmaSession session;
  private final DmaRanges ranges = new DmaRanges();

  /**
   * @param bytes size of memory
   * @param iommu whether there is an IOMMU
   */
  public FrontEndMemory(long bytes, boolean iommu) throws Exception {
    Fd file = MemoryFile.create("guest", bytes);
    region = new Region(0, bytes, USER_BASE, 0, file);
    table.add(region);
    memory = table.mapped();
    pages = new GuestPages(memory);
    unit = iommu ? unit() : null;
    session = unit == null ? null : session(unit);
  }

  private IommuUnit unit() throws Exception {
    IommuBehavior behavior = new FlatBehavior();
    IommuUnit fresh =
        new IommuUnit("front-end", behavior.kind(), memory, pages, List.of(), new FaultLog());
    new Handover(fresh, new SwapLog())
        .initialize(new Supplier<>(behavior, behavior.kind(), "", "test", List.of(1), 0, 0));
    return fresh;
  }

  private DmaSession session(IommuUnit front) throws Exception {
    EndpointDma face = new EndpointDma(endpoint, memory, front, new FaultLog());
    face.select(AddressSpace.BUS);
    front.endpoints().add(face);
    return face.openSession();
  }

  /** Whether an IOMMU is in front of the device. */
  public boolean iommu() {
    return unit != null;
  }

  public GuestMemory memory() {
    return memory;
  }

  /** Guest-physical addresses. */
  public DriverDma physical() {
    return new DriverFace(endpoint, AddressSpace.PHYSICAL, memory, pages, null);
  }

  /** Addresses as the device gets them. */
  DriverDma bus() {
    return new DriverFace(endpoint, AddressSpace.BUS, memory, pages, unit);
  }

  /** What a back end is told of the memory. */
  public RegionMessage regionMessage() {
    return new RegionMessage(
        region.gpa(), region.size(), region.userAddress(), region.mmapOffset());
  }

  /** The memory; stays the caller's. */
  public Fd file() {
    return region.file();
  }

  /** Where the front end has a guest-physical address. */
  public static long user(long gpa) {
    return USER_BASE + gpa;
  }

  /** The guest-physical address that a device's address in a page means when it writes there. */
  public long gpa(long deviceAddress) {
    if (session == null) {
      return deviceAddress;
    }
    long inPage = deviceAddress % PAGE;
    return translate(deviceAddress - inPage, Access.WRITE) - USER_BASE + inPage;
  }

  /** What a page means to the device, as a front-end address; NOT_MAPPED when nothing. */
  synchronized long translate(long page, Access access) {
    DmaSession walker = session;
    if (walker == null || !walker.begin()) {
      return NOT_MAPPED;
    }
    try {
      ranges.clear();
      return walker.translate(page, PAGE, access, ranges) == TranslateStatus.OK
          ? user(memory.gpaOf(ranges.offset(0)))
          : NOT_MAPPED;
    } finally {
      walker.end();
    }
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
    memory.close();
    table.close();
  }
}
