package aperture.arch.ppc.phb;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IovaAllocator;
import aperture.iommu.Permission;
import aperture.iommu.PlatformTable;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operating-system half, firmware included: a PE for each endpoint, its number the endpoint's
 * index; the first window with a tree of its own. An endpoint with the attribute {@code bypass=on}
 * has its second window pass all memory, and then, with a whole 64-bit address mask, needs no
 * mapping and has no protection.
 *
 * <p>No table for errors is set up, so that an error fails one access, and not the PE from then on.
 *
 * <p>Sources: skiboot, hw/phb4.c, phb4_init_ioda3 (bring-up); Linux 6.1,
 * arch/powerpc/platforms/powernv/pci-ioda.c, pnv_pci_ioda2_setup_default_config and
 * pnv_pci_ioda2_set_bypass; pci-ioda-tce.c.
 */
final class PhbTableDriver implements IommuTableDriver {

  static final String BYPASS = "bypass";

  private static final long ALL_ADDRESSES = -1L;

  private final PhbModel model;
  private final IommuState state;
  private final PhbRegisterFile registers;
  private final OpalCalls firmware;
  private final List<@Nullable PeSpace> spaces = new ArrayList<>();

  PhbTableDriver(PhbModel model, IommuState state) {
    this.model = model;
    this.state = state;
    this.registers = new PhbRegisterFile(model, state);
    this.firmware = new OpalCalls(model, state, registers);
  }

  /** Learns from the ledger what is handed out. */
  void takeOver() throws AttachRefusedException {
    List<String> problems = new ArrayList<>();
    state
        .ledger()
        .forEach((endpoint, iova, gpa, size, permission) -> {
          PeSpace space = find(endpoint);
          boolean kept =
              isPassed(endpoint, iova, gpa)
                  || space != null && space.take(iova, PeSpace.pages(size));
          if (!kept) {
            problems.add(
                "the mapping of %s at 0x%x is in no window".formatted(endpoint.id(), iova));
          }
        });
    if (!problems.isEmpty()) {
      throw new AttachRefusedException(problems.get(0));
    }
  }

  @Override
  public void initialize() throws IommuException {
    long rtt = state.pages().allocate(RttLayout.TABLE_BYTES, RttLayout.TABLE_BYTES);
    if (rtt == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for the requester table");
    }
    GuestMemory memory = state.memory();
    long at = memory.offsetOf(rtt, RttLayout.TABLE_BYTES);
    for (int requester = 0; requester < RttLayout.ENTRIES; requester++) {
      RttLayout.put(memory, RttLayout.address(at, requester), model.reservedPe());
    }
    spaces.clear();
    registers.createTables();
    registers.write(PhbRegister.CONFIG, PhbRegister.CONFIG_MSI32);
    registers.write(PhbRegister.RTT_BAR, PhbRegister.BAR_ENABLE | rtt);
    registers.write(PhbRegister.RTC_INVALIDATE, PhbRegister.ALL);
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) throws IommuException {
    int pe = endpoint.index();
    if (pe >= model.reservedPe()) {
      throw new IommuException(
          "endpoint %s: the bridge has %d PEs".formatted(endpoint.id(), model.reservedPe()));
    }
    long root = TceTree.newTable(state.pages());
    if (root == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for the TCE table of " + endpoint.id());
    }
    int window = BusAddress.tveIndex(pe, 0);
    int status =
        firmware.mapPeDmaWindow(
            pe, window, TceTree.LEVELS, root, TceTree.BYTES, 1L << TceTree.PAGE_SHIFT);
    if (status == OpalStatus.SUCCESS && wantsBypass(endpoint)) {
      status = firmware.mapPeDmaWindowReal(pe, window + 1, BusAddress.SECOND_WINDOW, memoryEnd());
    }
    if (status == OpalStatus.SUCCESS) {
      status = firmware.setPe(pe, endpoint.requesterId());
    }
    if (status != OpalStatus.SUCCESS) {
      clearWindows(pe);
      state.pages().free(root, TceTree.BYTES);
      throw new IommuException(
          "endpoint %s: %s".formatted(endpoint.id(), OpalStatus.describe(status)));
    }
    addSpace(pe, root);
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    PeSpace space = find(endpoint);
    if (space != null) {
      firmware.setPe(model.reservedPe(), endpoint.requesterId());
      clearWindows(space.pe());
      space.tree().free();
      spaces.set(space.pe(), null);
    }
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    if (limit == ALL_ADDRESSES && isPassed(endpoint, BusAddress.SECOND_WINDOW + gpa, gpa)) {
      return BusAddress.SECOND_WINDOW + gpa;
    }
    PeSpace space = spaceOf(endpoint);
    int pages = PeSpace.pages(size);
    long iova = space.allocate(pages, limit);
    if (iova == IovaAllocator.NO_SPACE) {
      throw new IommuException(
          "PE %d has no %d pages free below 0x%x".formatted(space.pe(), pages, limit));
    }
    put(space, iova, gpa, pages, permission);
    return iova;
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    if (isPassed(endpoint, iova, gpa)) {
      return;
    }
    PeSpace space = spaceOf(endpoint);
    int pages = PeSpace.pages(size);
    if (!space.take(iova, pages)) {
      throw new IommuException(
          "0x%x is taken, or outside the window of PE %d".formatted(iova, space.pe()));
    }
    put(space, iova, gpa, pages, permission);
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    PeSpace space = find(endpoint);
    if (space == null || Long.compareUnsigned(iova, BusAddress.SECOND_WINDOW) >= 0) {
      return;
    }
    int pages = PeSpace.pages(size);
    space.tree().clear(iova, pages);
    drop(space, iova, size);
    space.free(iova, pages);
  }

  @Override
  public int pageSize() {
    return 1 << TceTree.PAGE_SHIFT;
  }

  private void put(PeSpace space, long iova, long gpa, int pages, Permission permission)
      throws IommuException {
    if (!space.tree().prepare(iova, pages)) {
      space.free(iova, pages);
      throw new IommuException("no memory for TCE tables of PE " + space.pe());
    }
    // What was there before was empty, and nothing caches that.
    space.tree().put(iova, gpa, pages, permission);
  }

  /** What a row of page kills does, in one step. */
  private void drop(PeSpace space, long iova, long size) {
    state.invalidator().invalidateDomain(BusAddress.tveIndex(space.pe(), 0), iova, size);
  }

  private void clearWindows(int pe) {
    for (int window = 0; window < BusAddress.WINDOWS; window++) {
      firmware.mapPeDmaWindow(pe, BusAddress.tveIndex(pe, window), 0, 0, 0, 0);
    }
  }

  private static boolean wantsBypass(Endpoint endpoint) {
    return "on".equals(endpoint.attributes().get(BYPASS));
  }

  /** Whether the address means that memory without any mapping. */
  private boolean isPassed(Endpoint endpoint, long iova, long gpa) {
    return wantsBypass(endpoint)
        && gpa >= 0
        && gpa < memoryEnd()
        && iova == BusAddress.SECOND_WINDOW + gpa;
  }

  /** The end of all memory, as windows that pass count it. */
  private long memoryEnd() {
    long last = 0;
    for (MemoryRange region : state.memory().regions()) {
      last = Math.max(last, region.last());
    }
    return (last >>> TveLayout.PASS_SHIFT) + 1 << TveLayout.PASS_SHIFT;
  }

  private PeSpace spaceOf(Endpoint endpoint) throws IommuException {
    PeSpace space = find(endpoint);
    if (space == null) {
      throw new IommuException("endpoint %s has no PE".formatted(endpoint.id()));
    }
    return space;
  }

  /** The space of an endpoint's PE; after a swap found again in the bridge's own table. */
  private @Nullable PeSpace find(Endpoint endpoint) {
    int pe = endpoint.index();
    PeSpace known = pe < spaces.size() ? spaces.get(pe) : null;
    if (known != null) {
      return known;
    }
    PlatformTable windows = state.tables().find(PhbRegister.TVT).orElse(null);
    int index = BusAddress.tveIndex(pe, 0);
    long tve =
        windows == null || index >= windows.entries() ? TveLayout.INVALID : windows.get(index);
    if (TveLayout.isInvalid(tve)
        || TveLayout.levels(tve) + 1 != TceTree.LEVELS
        || TveLayout.entryBits(tve) != TceTree.ENTRY_BITS
        || TveLayout.pageShift(tve) != TceTree.PAGE_SHIFT
        || state.memory().offsetOf(TveLayout.table(tve), TceTree.BYTES) == GuestMemory.NOT_MEMORY) {
      return null;
    }
    return addSpace(pe, TveLayout.table(tve));
  }

  private PeSpace addSpace(int pe, long root) {
    TceTree tree = new TceTree(state.memory(), state.pages(), root);
    PeSpace space = new PeSpace(pe, tree, state.reserved());
    while (spaces.size() <= pe) {
      spaces.add(null);
    }
    spaces.set(pe, space);
    return space;
  }
}
