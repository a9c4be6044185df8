package aperture.arch.sparc.sun4v;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IovaAllocator;
import aperture.iommu.Permission;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operating-system half: the first table for devices with 32-bit addresses, and one IOTSB, to
 * which every device is bound, for those with wider ones. Without memory for an IOTSB the first
 * table serves all.
 *
 * <p>The kernel's own values are with the registers: the page it lists addresses in, and the handle
 * of its IOTSB.
 *
 * <p>Source: Linux 6.1, arch/sparc/kernel/pci_sun4v.c, pci_sun4v_iommu_init, pci_sun4v_atu_init,
 * dma_4v_map_page and dma_4v_unmap_page.
 */
final class Sun4vTableDriver implements IommuTableDriver {

  static final String LIST_PAGE = "OS_PAGE_LIST";
  static final String IOTSB = "OS_IOTSB_HANDLE";

  private static final long NARROW = 0xffff_ffffL;

  /** Entries of the kernel's IOTSB: 32 GiB, or what 1/64 of memory has room for. */
  private static final long MOST_ENTRIES = 1L << 22;

  private static final int MEMORY_SHARE_SHIFT = 6;

  private final IommuState state;
  private final IoTables tables;
  private final Hypervisor hypervisor;
  private final HvClient client;
  private @Nullable IoSpace low;
  private @Nullable IoSpace high;

  Sun4vTableDriver(IommuState state, IoTables tables, Hypervisor hypervisor) {
    this.state = state;
    this.tables = tables;
    this.hypervisor = hypervisor;
    this.client = new HvClient(state.memory(), hypervisor);
    findSpaces();
  }

  private void findSpaces() {
    long handle = state.registers().get(IOTSB);
    IoTable first = tables.now().find(RootComplex.FIRST);
    IoTable second = handle == 0 ? null : tables.now().find(handle);
    low = first == null || !isOurs(first) ? null : new IoSpace(first, state.reserved());
    high = second == null || !isOurs(second) ? null : new IoSpace(second, state.reserved());
  }

  private static boolean isOurs(IoTable table) {
    return table.pageSize() == RootComplex.PAGE_SIZE;
  }

  /** Learns from the ledger what is handed out. */
  void takeOver() throws AttachRefusedException {
    List<String> problems = new ArrayList<>();
    state
        .ledger()
        .forEach((endpoint, iova, gpa, size, permission) -> {
          IoSpace space = spaceAt(iova);
          if (space == null || !space.take(iova, IoSpace.pages(size))) {
            problems.add("the mapping of %s at 0x%x is in no table".formatted(endpoint.id(), iova));
          }
        });
    if (!problems.isEmpty()) {
      throw new AttachRefusedException(problems.get(0));
    }
  }

  @Override
  public void initialize() throws IommuException {
    long list = state.pages().allocate(RootComplex.PAGE_SIZE, RootComplex.PAGE_SIZE);
    if (list == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for the page that lists addresses");
    }
    RootComplex.create(state.tables());
    state.registers().set(LIST_PAGE, list);
    long[] results = new long[1];
    require(hypervisor.setVersion(HvCallLayout.GROUP_PCI, 2, 0, results));
    require(hypervisor.setVersion(HvCallLayout.GROUP_ATU, 1, 1, results));
    state.registers().set(IOTSB, configureIotsb());
    findSpaces();
    state.invalidator().invalidateAll();
  }

  private static void require(long status) throws IommuException {
    if (status != HvStatus.OK) {
      throw new IommuException("hypervisor: " + HvStatus.describe(status));
    }
  }

  /** The handle of a new IOTSB; 0 when there is none to be had. */
  private long configureIotsb() {
    GuestMemory memory = state.memory();
    long share = memory.size() >>> MEMORY_SHARE_SHIFT;
    long bytes =
        Math.clamp(
            Long.highestOneBit(share),
            RootComplex.PAGE_SIZE,
            MOST_ENTRIES * HvCallLayout.ADDRESS_BYTES);
    long table = state.pages().allocate(bytes, RootComplex.PAGE_SIZE);
    if (table == PageAllocator.NO_MEMORY) {
      return 0;
    }
    memory.fill(memory.offsetOf(table, bytes), bytes, (byte) 0);
    long[] answer =
        client.trap(
            HvCallLayout.IOTSB_CONF,
            table,
            bytes,
            RootComplex.PAGE_SIZE,
            RootComplex.IOTSB_RANGE.base());
    if (answer[HvCallLayout.O0] != HvStatus.OK) {
      state.pages().free(table, bytes);
      return 0;
    }
    return answer[HvCallLayout.O1];
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) throws IommuException {
    if (low == null) {
      throw new IommuException("the root complex has no table");
    }
    IoSpace wide = high;
    if (wide != null) {
      long[] answer =
          client.trap(
              HvCallLayout.IOTSB_BIND,
              wide.handle(),
              HvCallLayout.device(endpoint.requesterId()),
              0,
              0);
      require(answer[HvCallLayout.O0]);
    }
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    // Addresses stay handed out until they are unmapped, or another device could get one and lose
    // it to a late unmap.
    state
        .ledger()
        .forEach((owner, iova, gpa, size, permission) -> {
          IoSpace space = spaceAt(iova);
          if (owner.index() == endpoint.index() && space != null) {
            client.demap(space.handle(), space.index(iova), IoSpace.pages(size));
          }
        });
    IoSpace wide = high;
    if (wide != null) {
      client.trap(
          HvCallLayout.IOTSB_UNBIND,
          wide.handle(),
          HvCallLayout.device(endpoint.requesterId()),
          0,
          0);
    }
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    IoSpace wide = Long.compareUnsigned(limit, NARROW) > 0 ? high : null;
    int pages = IoSpace.pages(size);
    IoSpace space = wide;
    long iova = wide == null ? IovaAllocator.NO_SPACE : wide.allocate(pages, limit);
    if (iova == IovaAllocator.NO_SPACE) {
      space = low;
      iova = space == null ? IovaAllocator.NO_SPACE : space.allocate(pages, limit);
    }
    if (space == null || iova == IovaAllocator.NO_SPACE) {
      throw new IommuException("no table has %d pages free below 0x%x".formatted(pages, limit));
    }
    put(space, iova, gpa, pages, permission);
    return iova;
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    IoSpace space = spaceAt(iova);
    int pages = IoSpace.pages(size);
    if (space == null || !space.take(iova, pages)) {
      throw new IommuException("0x%x is taken, or in no table".formatted(iova));
    }
    put(space, iova, gpa, pages, permission);
  }

  private void put(IoSpace space, long iova, long gpa, int pages, Permission permission)
      throws IommuException {
    long list = state.registers().get(LIST_PAGE);
    long status = client.map(space.handle(), space.index(iova), gpa, pages, permission, list);
    if (status != HvStatus.OK) {
      client.demap(space.handle(), space.index(iova), pages);
      space.free(iova, pages);
      throw new IommuException("entries at 0x%x: %s".formatted(iova, HvStatus.describe(status)));
    }
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    IoSpace space = spaceAt(iova);
    if (space != null) {
      int pages = IoSpace.pages(size);
      client.demap(space.handle(), space.index(iova), pages);
      space.free(iova, pages);
    }
  }

  @Override
  public int pageSize() {
    return (int) RootComplex.PAGE_SIZE;
  }

  private @Nullable IoSpace spaceAt(long iova) {
    IoSpace first = low;
    IoSpace second = high;
    if (first != null && first.contains(iova)) {
      return first;
    }
    return second != null && second.contains(iova) ? second : null;
  }
}
