package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.AmdViRegisters.CMDBUF;
import static aperture.arch.x86.amdvi.AmdViRegisters.CONTROL;
import static aperture.arch.x86.amdvi.AmdViRegisters.EVTLOG;
import static aperture.arch.x86.amdvi.AmdViRegisters.EXT_FEATURES;

import aperture.iommu.Endpoint;
import aperture.iommu.FlushQueue;
import aperture.iommu.InvalidationMode;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.memory.PageAllocator;

/**
 * What a kernel's AMD driver does: one domain for each endpoint, ids from 1, page tables of three
 * levels that grow when an address asks for it, the largest pages that alignment allows,
 * invalidation by commands, strict or lazy.
 */
final class AmdViTableDriver implements IommuTableDriver {

  private static final int PAGE = PageEntryLayout.PAGE_SIZE;
  private static final int FIRST_DOMAIN = 1;
  private static final int DOMAINS = 1 << 16;
  private static final int MAX_REQUESTER_ID = 0xffff;
  private static final int FIRST_LEVELS = 3;
  private static final int ADDRESS_BITS = 52;

  private static final int LOG2_EVENTS = 9;
  private static final long EVENT_BYTES = (long) RingLayout.ENTRY_SIZE << LOG2_EVENTS;

  private final IommuState state;
  private final AmdViRegisterFile registers;
  private final DeviceTable table;
  private final HostTables tables;
  private final AmdViCommandBuffer commands;
  private final AmdViDomains domains;
  private final InvalidationMode invalidation;
  private final FlushQueue held;

  AmdViTableDriver(IommuState state, AmdViRegisterFile registers, InvalidationMode invalidation) {
    this.state = state;
    this.invalidation = invalidation;
    this.registers = registers;
    table = new DeviceTable(registers, state.memory(), state.pages());
    tables = new HostTables(state.memory(), state.pages());
    commands = new AmdViCommandBuffer(state, registers);
    domains = new AmdViDomains(state, table);
    held = new FlushQueue(commands::invalidateDomain);
  }

  @Override
  public int pageSize() {
    return PAGE;
  }

  @Override
  public void initialize() throws IommuException {
    PageAllocator pages = state.pages();
    long buffer = pages.allocate(AmdViCommandBuffer.BYTES, PAGE);
    if (buffer == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for the command buffer");
    }
    long log = pages.allocate(EVENT_BYTES, PAGE);
    if (log == PageAllocator.NO_MEMORY) {
      pages.free(buffer, AmdViCommandBuffer.BYTES);
      throw new IommuException("no memory for the event log");
    }
    if (!state.registers().has(EXT_FEATURES)) {
      registers.reset();
    }
    registers.write(CONTROL, 0);
    try {
      table.create();
    } catch (IommuException e) {
      pages.free(buffer, AmdViCommandBuffer.BYTES);
      pages.free(log, EVENT_BYTES);
      throw e;
    }
    long control = ControlLayout.COHERENT | ControlLayout.TIMEOUT_SECOND;
    registers.write(CONTROL, control);
    registers.write(CMDBUF, RingLayout.register(buffer, AmdViCommandBuffer.LOG2_COMMANDS));
    control |= ControlLayout.COMMANDS;
    registers.write(CONTROL, control);
    registers.write(EVTLOG, RingLayout.register(log, LOG2_EVENTS));
    control |= ControlLayout.EVENT_LOG | ControlLayout.EVENT_INTERRUPT;
    registers.write(CONTROL, control);
    registers.write(CONTROL, control | ControlLayout.ENABLE);
    commands.invalidateAll();
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) throws IommuException {
    int id = freeDomain(endpoint);
    long root = tables.newTable();
    try {
      reach(endpoint);
    } catch (IommuException e) {
      state.pages().free(root, PAGE);
      throw e;
    }
    table.set(endpoint.requesterId(), root, FIRST_LEVELS, id);
    tell(endpoint, id);
    domains.add(endpoint, id, root, FIRST_LEVELS);
  }

  @Override
  public void attachIdentity(Endpoint endpoint) throws IommuException {
    int id = freeDomain(endpoint);
    reach(endpoint);
    table.pass(endpoint.requesterId(), id);
    tell(endpoint, id);
  }

  /** A domain id for an endpoint that has none. */
  private int freeDomain(Endpoint endpoint) throws IommuException {
    int requesterId = endpoint.requesterId();
    if (!ControlLayout.enabled(registers.read(CONTROL))) {
      throw new IommuException("translation is not enabled");
    }
    if (requesterId < 0 || requesterId > MAX_REQUESTER_ID) {
      throw new IommuException("requester id 0x%x has more than 16 bits".formatted(requesterId));
    }
    if (table.quad0(requesterId) != DeviceEntryLayout.BLOCKED) {
      throw new IommuException("%s has a device table entry already".formatted(endpoint.id()));
    }
    int id = table.domains(state.endpoints()).nextClearBit(FIRST_DOMAIN);
    if (id >= DOMAINS) {
      throw new IommuException("all domain ids are used");
    }
    return id;
  }

  private void reach(Endpoint endpoint) throws IommuException {
    if (table.reach(endpoint.requesterId())) {
      commands.invalidateAll();
    }
  }

  private void tell(Endpoint endpoint, int domain) {
    commands.invalidateEntry(endpoint.requesterId());
    commands.invalidateDomain(domain);
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    flush();
    AmdViDomain domain = domains.find(endpoint);
    if (domain != null) {
      table.block(endpoint.requesterId());
      tell(endpoint, domain.id());
      tables.free(domain.root(), domain.levels());
      domains.remove(endpoint);
    } else if (table.passes(endpoint.requesterId())) {
      int id = table.domain(endpoint.requesterId());
      table.block(endpoint.requesterId());
      tell(endpoint, id);
    }
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    AmdViDomain domain = require(endpoint);
    int pages = checkedPages(gpa, size, permission);
    long last = (1L << AmdViIovas.WIDTH) - 1;
    long highest = Long.compareUnsigned(limit, last) < 0 ? limit : last;
    long iova = allocate(domain, pages, highest);
    try {
      enter(reaching(endpoint, domain, iova + size - 1), iova, gpa, size, permission);
    } catch (IommuException e) {
      domain.iovas().free(iova, pages);
      throw e;
    }
    return iova;
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    AmdViDomain domain = require(endpoint);
    int pages = checkedPages(gpa, size, permission);
    if ((iova & PAGE - 1) != 0 || iova >>> AmdViIovas.WIDTH != 0) {
      throw new IommuException("IOVA 0x%x cannot be expressed".formatted(iova));
    }
    if (!domain.iovas().take(iova, pages) && !(held.flush() && domain.iovas().take(iova, pages))) {
      throw new IommuException("IOVA 0x%x, 0x%x bytes, is taken".formatted(iova, size));
    }
    try {
      AmdViDomain reaching = reaching(endpoint, domain, iova + size - 1);
      if (tables.anyMapped(reaching.root(), reaching.levels(), iova, size)) {
        throw new IommuException("IOVA 0x%x, 0x%x bytes, is mapped".formatted(iova, size));
      }
      enter(reaching, iova, gpa, size, permission);
    } catch (IommuException e) {
      domain.iovas().free(iova, pages);
      throw e;
    }
  }

  private void enter(AmdViDomain domain, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    long permissions =
        (permission.read() ? PageEntryLayout.READ : 0)
            | (permission.write() ? PageEntryLayout.WRITE : 0);
    tables.map(domain.root(), domain.levels(), iova, gpa, size, permissions);
  }

  /** The domain with as many levels as an address needs; a table that grew stays so. */
  private AmdViDomain reaching(Endpoint endpoint, AmdViDomain domain, long last)
      throws IommuException {
    AmdViDomain reaching = domain;
    while (PageEntryLayout.beyond(last, reaching.levels())) {
      int levels = reaching.levels() + 1;
      if (levels > FeatureLayout.levels(registers.read(EXT_FEATURES))) {
        throw new IommuException("IOVA 0x%x needs %d levels".formatted(last, levels));
      }
      reaching = reaching.under(tables.above(reaching.root(), reaching.levels()), levels);
      table.set(endpoint.requesterId(), reaching.root(), levels, reaching.id());
      domains.put(endpoint, reaching);
      commands.invalidateEntry(endpoint.requesterId());
      commands.invalidateDomain(reaching.id());
    }
    return reaching;
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    AmdViDomain domain = domains.findHolding(endpoint, iova, size);
    if (domain == null) {
      return;
    }
    int pages = (int) (size >>> PageEntryLayout.PAGE_SHIFT);
    tables.unmap(domain.root(), domain.levels(), iova, size);
    if (invalidation == InvalidationMode.LAZY) {
      held.add(domain.id(), domain.iovas(), iova, pages);
      return;
    }
    commands.invalidatePages(domain.id(), iova, pages);
    // Only now: nobody else may be given the IOVA while a device can still use the old entry.
    domain.iovas().free(iova, pages);
  }

  @Override
  public boolean deferred() {
    return !held.isEmpty();
  }

  @Override
  public void flush() {
    held.flush();
  }

  /** What was unmapped and is not invalidated yet may be all that is missing. */
  private long allocate(AmdViDomain domain, int pages, long limit) throws IommuException {
    try {
      return domain.iovas().allocate(pages, limit);
    } catch (IommuException e) {
      if (!held.flush()) {
        throw e;
      }
      return domain.iovas().allocate(pages, limit);
    }
  }

  private AmdViDomain require(Endpoint endpoint) throws IommuException {
    AmdViDomain domain = domains.find(endpoint);
    if (domain == null) {
      throw new IommuException("%s has no address space".formatted(endpoint.id()));
    }
    return domain;
  }

  /** Number of pages, once all of a request is known to be expressible. */
  private static int checkedPages(long gpa, long size, Permission permission)
      throws IommuException {
    long pages = size >>> PageEntryLayout.PAGE_SHIFT;
    if (size <= 0 || ((size | gpa) & PAGE - 1) != 0) {
      throw new IommuException("0x%x bytes at 0x%x are not whole pages".formatted(size, gpa));
    }
    if (pages > Integer.MAX_VALUE
        || gpa >>> ADDRESS_BITS != 0
        || gpa + size - 1 >>> ADDRESS_BITS != 0) {
      throw new IommuException(
          "0x%x bytes at 0x%x are beyond %d bits".formatted(size, gpa, ADDRESS_BITS));
    }
    if (permission == Permission.NONE) {
      throw new IommuException("a mapping without any permission cannot be expressed");
    }
    return (int) pages;
  }
}
