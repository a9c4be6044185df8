package aperture.arch.arm64.smmu;

import aperture.iommu.Endpoint;
import aperture.iommu.FlushQueue;
import aperture.iommu.InvalidationMode;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IovaAllocator;
import aperture.iommu.Permission;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The operating-system half: one context, one ASID and one table per endpoint, 48-bit IOVAs, pages
 * and blocks as in {@link TableShape}, invalidation strict or lazy. No contiguous hints, as the
 * kernel sets none.
 *
 * <p>What it remembers of an endpoint is only a short cut: it is found again in registers, tables
 * and ledger.
 *
 * <p>Source of its habits: Linux 6.1, drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c,
 * drivers/iommu/io-pgtable-arm.c, drivers/iommu/dma-iommu.c.
 */
final class SmmuV3TableDriver implements IommuTableDriver {

  private final IommuState state;
  private final GuestMemory memory;
  private final PageAllocator pages;
  private final RegisterView view;
  private final CommandWriter commands;
  private final StreamTableEditor streams;
  private final TableShape shape;
  private final PageTables tables;
  private final BringUp bringUp;
  private final InvalidationMode invalidation;
  private final FlushQueue held = new FlushQueue(this::dropAll);
  private @Nullable AddressSpace[] spaces = new AddressSpace[8];

  SmmuV3TableDriver(
      IommuState state, RegisterView view, SmmuV3Hardware hardware, InvalidationMode invalidation) {
    this.state = state;
    this.invalidation = invalidation;
    this.memory = state.memory();
    this.pages = state.pages();
    this.view = view;
    this.commands = new CommandWriter(hardware, state, view);
    this.streams = new StreamTableEditor(memory, pages, view, commands);
    this.shape = TableShape.of(view.current());
    this.tables = new PageTables(memory, pages, commands, shape);
    this.bringUp = new BringUp(hardware, state, view, commands);
  }

  @Override
  public int pageSize() {
    return (int) shape.page();
  }

  @Override
  public void initialize() throws IommuException {
    bringUp.run();
    Arrays.fill(spaces, null);
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) throws IommuException {
    prepare(endpoint);
    AddressSpace fresh;
    try {
      fresh = build(endpoint);
    } catch (IommuException e) {
      streams.release(endpoint);
      throw e;
    }
    streams.install(endpoint, fresh.context());
    remember(endpoint.index(), fresh);
  }

  @Override
  public void attachIdentity(Endpoint endpoint) throws IommuException {
    prepare(endpoint);
    streams.bypass(endpoint);
  }

  /** Makes sure of an entry for an endpoint that has nothing yet. */
  private void prepare(Endpoint endpoint) throws IommuException {
    if (!streams.covers(endpoint)) {
      throw new IommuException(
          "endpoint %s: stream id 0x%x is beyond the stream table, or the SMMU is off"
              .formatted(endpoint.id(), endpoint.requesterId()));
    }
    if (space(endpoint) != null || streams.bypasses(endpoint)) {
      throw new IommuException("endpoint " + endpoint.id() + " has an address space already");
    }
    if (!streams.prepare(endpoint)) {
      throw new IommuException("no memory for the stream table of endpoint " + endpoint.id());
    }
  }

  private AddressSpace build(Endpoint endpoint) throws IommuException {
    int asid = freeAsid();
    long context = pages.allocate(PageAllocator.PAGE_SIZE, PageAllocator.PAGE_SIZE);
    long root = tables.allocateRoot();
    if (context == PageAllocator.NO_MEMORY || root == PageAllocator.NO_MEMORY) {
      freeContext(context);
      if (root != PageAllocator.NO_MEMORY) {
        tables.free(root);
      }
      throw new IommuException("no memory for the tables of endpoint " + endpoint.id());
    }
    // The doorbell is translated like any other address, so interrupts need a mapping too.
    long doorbell = SoftwareMsi.doorbell(state.reserved(), shape.page());
    if (doorbell != SoftwareMsi.NO_DOORBELL
        && tables.map(
                root, asid, SoftwareMsi.WINDOW.base(), doorbell, shape.page(), TableLayout.DEVICE)
            != PageTables.Outcome.MAPPED) {
      freeContext(context);
      tables.free(root);
      throw new IommuException("no memory for the tables of endpoint " + endpoint.id());
    }
    long at = memory.offsetOf(context, ContextLayout.BYTES);
    memory.putLe64(at + ContextLayout.TABLE_0, root);
    memory.putLe64(at + ContextLayout.TABLE_1, 0);
    memory.putLe64(at + ContextLayout.MEMORY_ATTRIBUTES, TableLayout.MEMORY_ATTRIBUTES);
    VarHandle.releaseFence();
    memory.putLe64(
        at,
        ContextLayout.lowHalf(
            shape.pageShift(),
            TableShape.INPUT_BITS,
            IdentificationLayout.outputSize(view.current().idr5()),
            asid));
    commands.configContext(endpoint.requesterId());
    commands.sync();
    return new AddressSpace(shape, context, root, asid, state.reserved());
  }

  /** The lowest ASID that no endpoint's context carries; 0 stays unused. */
  private int freeAsid() throws IommuException {
    BitSet used = new BitSet();
    used.set(0);
    for (Endpoint other : state.endpoints()) {
      long context = streams.context(other);
      long at = context < 0 ? -1 : memory.offsetOf(context, ContextLayout.BYTES);
      if (at >= 0) {
        used.set(ContextLayout.asid(memory.getLe64(at)));
      }
    }
    int asid = used.nextClearBit(0);
    if (asid >>> IdentificationLayout.asidBits(view.current().idr0()) != 0) {
      throw new IommuException("all ASIDs are in use");
    }
    return asid;
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    flush();
    AddressSpace space = space(endpoint);
    if (space == null) {
      if (streams.bypasses(endpoint)) {
        streams.abort(endpoint);
        streams.release(endpoint);
      }
      return;
    }
    streams.abort(endpoint);
    dropAll(space.asid());
    remember(endpoint.index(), null);
    tables.free(space.root());
    freeContext(space.context());
    streams.release(endpoint);
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    AddressSpace space = required(endpoint);
    int count = checked(gpa, size, permission);
    long iova = space.allocate(count, gpa, limit);
    // What was unmapped and is not invalidated yet may be all that is missing.
    if (iova == IovaAllocator.NO_SPACE && held.flush()) {
      iova = space.allocate(count, gpa, limit);
    }
    if (iova == IovaAllocator.NO_SPACE) {
      throw new IommuException(
          "endpoint %s: no IOVA for 0x%x bytes below 0x%x".formatted(endpoint.id(), size, limit));
    }
    try {
      write(endpoint, space, iova, gpa, size, permission);
    } catch (IommuException e) {
      space.free(iova, count);
      throw e;
    }
    return iova;
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    AddressSpace space = required(endpoint);
    int count = checked(gpa, size, permission);
    if ((iova & shape.page() - 1) != 0
        || iova >>> TableShape.INPUT_BITS != 0
        || iova + (size - 1) >>> TableShape.INPUT_BITS != 0) {
      throw new IommuException("IOVA 0x%x cannot be expressed".formatted(iova));
    }
    MemoryRange range = new MemoryRange(iova, size);
    for (MemoryRange reserved : state.reserved()) {
      if (reserved.overlaps(range)) {
        throw new IommuException("IOVA 0x%x is reserved".formatted(iova));
      }
    }
    boolean fresh = space.take(iova, count) || held.flush() && space.take(iova, count);
    try {
      write(endpoint, space, iova, gpa, size, permission);
    } catch (IommuException e) {
      if (fresh) {
        space.free(iova, count);
      }
      throw e;
    }
  }

  private void write(
      Endpoint endpoint, AddressSpace space, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    long attributes = TableLayout.memory(permission.write());
    switch (tables.map(space.root(), space.asid(), iova, gpa, size, attributes)) {
      case MAPPED -> {}
      case NO_MEMORY ->
          throw new IommuException("no memory for the tables of endpoint " + endpoint.id());
      case TAKEN ->
          throw new IommuException(
              "endpoint %s: IOVA 0x%x is taken".formatted(endpoint.id(), iova));
    }
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    AddressSpace space = space(endpoint);
    if (space == null) {
      return;
    }
    int count = (int) (size >>> shape.pageShift());
    // Right after a swap the ledger may have lost it already: take it, so that freeing is sound.
    space.take(iova, count);
    if (invalidation == InvalidationMode.LAZY) {
      tables.clear(space.root(), space.asid(), iova, size);
      held.add(space.asid(), space, iova, count);
      return;
    }
    tables.unmap(space.root(), space.asid(), iova, size);
    commands.sync();
    space.free(iova, count);
  }

  @Override
  public boolean deferred() {
    return !held.isEmpty();
  }

  @Override
  public void flush() {
    held.flush();
  }

  /** Drops what is cached of an address space. */
  private void dropAll(int asid) {
    commands.tlbAsid(asid);
    commands.sync();
  }

  private int checked(long gpa, long size, Permission permission) throws IommuException {
    long pageMask = shape.page() - 1;
    long count = size >>> shape.pageShift();
    if (((gpa | size) & pageMask) != 0 || count == 0 || count > Integer.MAX_VALUE) {
      throw new IommuException(
          "0x%x bytes at 0x%x are no whole number of pages".formatted(size, gpa));
    }
    SmmuConfiguration c = view.current();
    int outputBits = c.outputBits(IdentificationLayout.outputSize(c.idr5()), shape.pageShift());
    if (gpa >>> outputBits != 0 || gpa + (size - 1) >>> outputBits != 0) {
      throw new IommuException("address 0x%x is wider than the SMMU's output".formatted(gpa));
    }
    if (permission == Permission.NONE) {
      throw new IommuException("a mapping without any permission cannot be expressed");
    }
    return (int) count;
  }

  private AddressSpace required(Endpoint endpoint) throws IommuException {
    AddressSpace space = space(endpoint);
    if (space == null) {
      throw new IommuException("endpoint " + endpoint.id() + " has no address space");
    }
    return space;
  }

  /** What is known of an endpoint, or found in its tables; null when it has no address space. */
  private @Nullable AddressSpace space(Endpoint endpoint) {
    int index = endpoint.index();
    AddressSpace known = index < spaces.length ? spaces[index] : null;
    if (known != null) {
      return known;
    }
    long context = streams.context(endpoint);
    long at = context < 0 ? -1 : memory.offsetOf(context, ContextLayout.BYTES);
    if (at < 0) {
      return null;
    }
    AddressSpace found =
        new AddressSpace(
            shape,
            context,
            ContextLayout.table(memory.getLe64(at + ContextLayout.TABLE_0)),
            ContextLayout.asid(memory.getLe64(at)),
            state.reserved());
    found.rebuild(index, state.ledger());
    remember(index, found);
    return found;
  }

  private void remember(int index, @Nullable AddressSpace space) {
    if (index >= spaces.length) {
      spaces = Arrays.copyOf(spaces, Math.max(index + 1, spaces.length * 2));
    }
    spaces[index] = space;
  }

  private void freeContext(long context) {
    if (context != PageAllocator.NO_MEMORY) {
      pages.free(context, PageAllocator.PAGE_SIZE);
    }
  }
}
