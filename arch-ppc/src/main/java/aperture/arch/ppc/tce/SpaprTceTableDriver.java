package aperture.arch.ppc.tce;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IovaAllocator;
import aperture.iommu.Permission;
import aperture.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operating-system half: a kernel that maps through the default window of the host bridge, and
 * for endpoints that can express every address through a second one where it made that ({@link
 * HighWindow}). One page is put with H_PUT_TCE, more with H_PUT_TCE_INDIRECT, unmapping stuffs
 * zeroes. In a window that maps all memory directly there is nothing to do.
 *
 * <p>Source: Linux 6.1, arch/powerpc/platforms/pseries/iommu.c, tce_buildmulti_pSeriesLP and
 * tce_freemulti_pSeriesLP; arch/powerpc/kernel/iommu.c.
 */
final class SpaprTceTableDriver implements IommuTableDriver {

  private final IommuState state;
  private final WindowTable windows;
  private final DdwUse byDefault;
  private final TceHypercalls hypercalls;
  private final TceList list;
  private final HighWindow high;
  private final List<BridgeSpaces> bridges = new ArrayList<>();

  /**
   * @param byDefault what endpoints get that do not say it themselves
   */
  SpaprTceTableDriver(IommuState state, WindowTable windows, DdwUse byDefault) {
    this.state = state;
    this.windows = windows;
    this.byDefault = byDefault;
    PlatformHypercalls calls = new PlatformHypercalls(state, windows, DdwRules.NEWEST);
    this.hypercalls = calls.tables();
    this.list = new TceList(state, hypercalls);
    this.high = new HighWindow(state, calls.firmware(), list);
  }

  /** Learns from the ledger what is handed out; nothing when no table exists yet. */
  void takeOver() throws AttachRefusedException {
    if (state.tables().all().isEmpty()) {
      return;
    }
    List<String> problems = new ArrayList<>();
    state
        .ledger()
        .forEach((endpoint, iova, gpa, size, permission) -> {
          if (!retake(endpoint, iova, gpa, size)) {
            problems.add(
                "the mapping of %s at 0x%x is in no window".formatted(endpoint.id(), iova));
          }
        });
    if (!problems.isEmpty()) {
      throw new AttachRefusedException(problems.get(0));
    }
  }

  private boolean retake(Endpoint endpoint, long iova, long gpa, long size) {
    BridgeSpaces bridge = find(endpoint);
    if (bridge == null) {
      return false;
    }
    DmaSpace space = bridge.at(iova);
    return space == null
        ? iova == bridge.directAddress(gpa, size)
        : space.take(iova, space.pages(size));
  }

  @Override
  public void initialize() throws IommuException {
    long page = state.pages().allocate(HypercallLayout.LIST_PAGE, HypercallLayout.LIST_PAGE);
    if (page == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for the page that lists TCEs");
    }
    bridges.clear();
    HostBridge.reset(state.tables(), HostBridge.DEFAULT_LIOBN);
    state.registers().set(TceList.PAGE, page);
    state.invalidator().invalidateAll();
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) throws IommuException {
    long liobn = liobnOf(endpoint);
    if (windows.find(liobn) == null) {
      // The first endpoint behind this host bridge: the bridge comes out of reset.
      if (state.tables().find(liobn).isPresent()) {
        throw new IommuException("LIOBN 0x%x is taken by something else".formatted(liobn));
      }
      HostBridge.reset(state.tables(), liobn);
    }
    BridgeSpaces bridge = bridgeOf(endpoint);
    if (high.make(liobn, DdwUse.of(endpoint, byDefault))) {
      addSecond(bridge);
    }
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    // Addresses stay handed out until they are unmapped, or another endpoint behind this bridge
    // could get one and lose it to a late unmap.
    state
        .ledger()
        .forEach((owner, iova, gpa, size, permission) -> {
          if (owner.index() == endpoint.index()) {
            clear(owner, iova, size);
          }
        });
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    BridgeSpaces bridge = bridgeOf(endpoint);
    DdwUse use = DdwUse.of(endpoint, byDefault);
    if (bridge.isDirect(use, limit)) {
      long address = bridge.directAddress(gpa, size);
      if (address == IovaAllocator.NO_SPACE) {
        throw new IommuException("0x%x, %d bytes: not in the direct window".formatted(gpa, size));
      }
      return address;
    }
    DmaSpace space = bridge.choose(use, limit);
    int pages = space.pages(size);
    long iova = space.allocate(pages, limit);
    if (iova == IovaAllocator.NO_SPACE) {
      throw new IommuException(
          "window 0x%x has no %d pages free below 0x%x".formatted(space.liobn(), pages, limit));
    }
    put(space, iova, gpa, pages, permission);
    return iova;
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    BridgeSpaces bridge = bridgeOf(endpoint);
    DmaSpace space = bridge.at(iova);
    if (space == null) {
      if (iova != bridge.directAddress(gpa, size)) {
        throw new IommuException("0x%x does not mean 0x%x there".formatted(iova, gpa));
      }
      return;
    }
    int pages = space.pages(size);
    if (!space.take(iova, pages)) {
      throw new IommuException(
          "0x%x is taken, or outside window 0x%x".formatted(iova, space.liobn()));
    }
    put(space, iova, gpa, pages, permission);
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    DmaSpace space = clear(endpoint, iova, size);
    if (space != null) {
      space.free(iova, space.pages(size));
    }
  }

  @Override
  public int pageSize() {
    return 1 << HostBridge.DEFAULT_SHIFT;
  }

  /** Ends a mapping; the space it was in, null where nothing ends. */
  private @Nullable DmaSpace clear(Endpoint endpoint, long iova, long size) {
    BridgeSpaces bridge = find(endpoint);
    DmaSpace space = bridge == null ? null : bridge.at(iova);
    if (space != null) {
      hypercalls.stuffTce(space.liobn(), iova, TceLayout.EMPTY, space.pages(size));
    }
    return space;
  }

  private void put(DmaSpace space, long iova, long gpa, int pages, Permission permission)
      throws IommuException {
    long status =
        pages == 1
            ? hypercalls.putTce(space.liobn(), iova, TceLayout.entry(gpa, permission))
            : list.put(space.liobn(), iova, gpa, pages, HostBridge.DEFAULT_SHIFT, permission);
    if (status != HypercallStatus.SUCCESS) {
      hypercalls.stuffTce(space.liobn(), iova, TceLayout.EMPTY, pages);
      space.free(iova, pages);
      throw new IommuException(
          "TCEs at 0x%x of window 0x%x: %s"
              .formatted(iova, space.liobn(), HypercallStatus.describe(status)));
    }
  }

  private static long liobnOf(Endpoint endpoint) throws IommuException {
    try {
      return Liobns.defaultOf(endpoint);
    } catch (NumberFormatException e) {
      throw new IommuException(
          "endpoint %s: attribute %s is no number".formatted(endpoint.id(), Liobns.DEFAULT_WINDOW));
    }
  }

  private BridgeSpaces bridgeOf(Endpoint endpoint) throws IommuException {
    BridgeSpaces bridge = find(endpoint);
    if (bridge == null) {
      throw new IommuException("endpoint %s has no window of 4 KiB pages".formatted(endpoint.id()));
    }
    return bridge;
  }

  /** The spaces behind an endpoint's bridge, made when first needed; null without a window. */
  private @Nullable BridgeSpaces find(Endpoint endpoint) {
    long liobn;
    try {
      liobn = Liobns.defaultOf(endpoint);
    } catch (NumberFormatException e) {
      return null;
    }
    for (int i = 0; i < bridges.size(); i++) {
      if (bridges.get(i).bridge() == liobn) {
        return bridges.get(i);
      }
    }
    BridgeSpaces made = BridgeSpaces.of(windows, liobn, state.reserved());
    if (made != null) {
      addSecond(made);
      bridges.add(made);
    }
    return made;
  }

  private void addSecond(BridgeSpaces bridge) {
    DdwUse use = high.use(bridge.bridge());
    TceWindow second = use == DdwUse.NONE ? null : windows.find(bridge.bridge() | 1);
    if (second != null) {
      bridge.addSecond(second, use, state.reserved());
    }
  }
}
