package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.CAP;
import static aperture.arch.x86.vtd.VtdRegisters.ECAP;
import static aperture.arch.x86.vtd.VtdRegisters.FEADDR;
import static aperture.arch.x86.vtd.VtdRegisters.FECTL;
import static aperture.arch.x86.vtd.VtdRegisters.FEDATA;
import static aperture.arch.x86.vtd.VtdRegisters.GCMD;
import static aperture.arch.x86.vtd.VtdRegisters.GSTS;
import static aperture.arch.x86.vtd.VtdRegisters.IQA;
import static aperture.arch.x86.vtd.VtdRegisters.IQT;
import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;

import aperture.iommu.Endpoint;
import aperture.iommu.FlushQueue;
import aperture.iommu.InvalidationMode;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.memory.PageAllocator;
import java.util.BitSet;

/**
 * What a kernel's VT-d driver does: one domain for each endpoint, ids from 1, second-level tables
 * of as many levels as the unit offers, named by legacy context entries or by PASID entries,
 * invalidation through the queue, strict or lazy.
 */
final class VtdTableDriver implements IommuTableDriver {

  private static final int PAGE = SecondLevelLayout.PAGE_SIZE;
  private static final int FIRST_DOMAIN = 1;
  private static final int MAX_REQUESTER_ID = 0xffff;
  private static final long NO_ROOT = 0;

  /** Width code of 3 levels: a domain with fewer has no part above 4 GiB. */
  private static final int LEAST_WIDTH_CODE = 1;

  /** The fault event's message: to the first processor, a vector of its own. */
  private static final long FAULT_ADDRESS = 0xfee0_0000L;

  private static final long FAULT_VECTOR = 0x21;

  private final IommuState state;
  private final VtdRegisterFile registers;
  private final VtdOptions options;
  private final Attachments attachments;
  private final SecondLevelTables tables;
  private final VtdInvalidationQueue queue;
  private final VtdDomains domains;
  private final FlushQueue held;

  VtdTableDriver(IommuState state, VtdRegisterFile registers, VtdOptions options) {
    this.state = state;
    this.registers = registers;
    this.options = options;
    attachments = new Attachments(state, registers);
    tables = new SecondLevelTables(state.memory(), state.pages());
    queue = new VtdInvalidationQueue(registers, state.memory(), state.invalidator());
    domains = new VtdDomains(state, attachments);
    held = new FlushQueue(queue::iotlbDomain);
  }

  @Override
  public int pageSize() {
    return PAGE;
  }

  @Override
  public void initialize() throws IommuException {
    requireMode();
    PageAllocator pages = state.pages();
    long root = tables.newTable();
    long descriptors = pages.allocate(VtdInvalidationQueue.BYTES, PAGE);
    if (descriptors == PageAllocator.NO_MEMORY) {
      pages.free(root, PAGE);
      throw new IommuException("no memory for the invalidation queue");
    }
    if (!state.registers().has(CAP)) {
      registers.reset(options.width(), options.mode());
    }
    command(CommandLayout.TRANSLATION, false);
    command(CommandLayout.QUEUED_INVALIDATION, false);
    registers.write(IQT, 0);
    registers.write(IQA, descriptors);
    command(CommandLayout.QUEUED_INVALIDATION, true);
    registers.write(RTADDR, RootAddressLayout.of(root, options.mode().code()));
    command(CommandLayout.ROOT_TABLE, true);
    queue.contextGlobal();
    if (attachments.scalable()) {
      queue.pasidCacheGlobal();
    }
    queue.iotlbGlobal();
    registers.write(FEDATA, FAULT_VECTOR);
    registers.write(FEADDR, FAULT_ADDRESS);
    registers.write(FECTL, 0);
    command(CommandLayout.TRANSLATION, true);
  }

  /** Refuses to build tables that a unit which is not fresh does not have. */
  private void requireMode() throws IommuException {
    long ecap = registers.read(ECAP);
    boolean able = CapabilityLayout.scalable(ecap) && CapabilityLayout.secondLevel(ecap);
    if (options.mode() == TranslationMode.SCALABLE && state.registers().has(CAP) && !able) {
      throw new IommuException(
          "ECAP 0x%x has no second-level tables of scalable mode".formatted(ecap));
    }
  }

  /** Turns one command bit on or off and leaves the others as they are. */
  private void command(long bit, boolean on) {
    long kept = registers.read(GSTS) & CommandLayout.STICKY;
    registers.write(GCMD, on ? kept | bit : kept & ~bit);
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) throws IommuException {
    requireUnattached(endpoint);
    int requesterId = endpoint.requesterId();
    long cap = registers.read(CAP);
    int id = freeDomain(cap);
    int levels = ContextEntryLayout.levels(widthCode(cap));
    long root = tables.newTable();
    try {
      attachments.set(requesterId, new Attachment(Attachment.Type.TABLES, id, root, levels));
    } catch (IommuException e) {
      state.pages().free(root, PAGE);
      throw e;
    }
    tell(cap, id, requesterId);
    domains.add(endpoint, id, root, levels);
  }

  @Override
  public void attachIdentity(Endpoint endpoint) throws IommuException {
    requireUnattached(endpoint);
    int requesterId = endpoint.requesterId();
    if (!CapabilityLayout.passThrough(registers.read(ECAP))) {
      throw new IommuException("the unit passes nothing through");
    }
    long cap = registers.read(CAP);
    int id = freeDomain(cap);
    // Without tables the width says nothing but must be one that the unit supports, the largest.
    int levels = ContextEntryLayout.levels(widthCode(cap));
    attachments.set(requesterId, new Attachment(Attachment.Type.PASS_THROUGH, id, NO_ROOT, levels));
    tell(cap, id, requesterId);
  }

  /** Tells a unit that caches entries which are not present that one is. */
  private void tell(long cap, int domain, int requesterId) {
    if (CapabilityLayout.cachingMode(cap)) {
      forget(domain, requesterId);
    }
  }

  /** From the context entry down, each before what was found through it. */
  private void forget(int domain, int requesterId) {
    queue.contextDevice(domain, requesterId);
    if (attachments.scalable()) {
      queue.pasidCacheDomain(domain);
    }
    queue.iotlbDomain(domain);
  }

  private void requireUnattached(Endpoint endpoint) throws IommuException {
    int requesterId = endpoint.requesterId();
    if ((registers.read(GSTS) & CommandLayout.TRANSLATION) == 0) {
      throw new IommuException("translation is not enabled");
    }
    if (requesterId < 0 || requesterId > MAX_REQUESTER_ID) {
      throw new IommuException("requester id 0x%x has more than 16 bits".formatted(requesterId));
    }
    if (attachments.read(requesterId) != null) {
      throw new IommuException("%s has a context entry already".formatted(endpoint.id()));
    }
  }

  private int freeDomain(long cap) throws IommuException {
    BitSet used = attachments.domains(state.endpoints());
    int id = used.nextClearBit(FIRST_DOMAIN);
    if (id >= CapabilityLayout.domains(cap)) {
      throw new IommuException("all domain ids are used");
    }
    return id;
  }

  private static int widthCode(long cap) throws IommuException {
    for (int code = ContextEntryLayout.MAX_WIDTH_CODE; code >= LEAST_WIDTH_CODE; code--) {
      if (CapabilityLayout.supportsWidthCode(cap, code)) {
        return code;
      }
    }
    throw new IommuException("CAP 0x%x offers no table of 3 to 5 levels".formatted(cap));
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    flush();
    VtdDomain domain = domains.find(endpoint);
    int requesterId = endpoint.requesterId();
    if (domain != null) {
      clear(requesterId, domain.id());
      tables.free(domain.root(), domain.levels());
      domains.remove(endpoint);
      return;
    }
    Attachment said = attachments.read(requesterId);
    if (said != null && said.type() == Attachment.Type.PASS_THROUGH) {
      clear(requesterId, said.domain());
    }
  }

  /** Takes an attachment away, and the tables that nobody else has an entry in. */
  private void clear(int requesterId, int domain) {
    long unlinked = attachments.clear(requesterId);
    forget(domain, requesterId);
    tables.giveBack(unlinked);
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    VtdDomain domain = require(endpoint);
    int pages = checkedPages(gpa, size, permission);
    long last = (1L << domain.width()) - 1;
    long highest = Long.compareUnsigned(limit, last) < 0 ? limit : last;
    long iova = allocate(domain, pages, alignment(gpa, size), highest);
    try {
      enter(domain, iova, gpa, size, permission);
    } catch (IommuException e) {
      domain.iovas().free(iova, pages);
      throw e;
    }
    return iova;
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    VtdDomain domain = require(endpoint);
    int pages = checkedPages(gpa, size, permission);
    if ((iova & PAGE - 1) != 0 || iova >>> domain.width() != 0) {
      throw new IommuException("IOVA 0x%x cannot be expressed".formatted(iova));
    }
    if (!domain.iovas().take(iova, pages) && !(held.flush() && domain.iovas().take(iova, pages))) {
      throw new IommuException("IOVA 0x%x, 0x%x bytes, is taken".formatted(iova, size));
    }
    try {
      if (tables.anyMapped(domain.root(), domain.levels(), iova, size)) {
        throw new IommuException("IOVA 0x%x, 0x%x bytes, is mapped".formatted(iova, size));
      }
      enter(domain, iova, gpa, size, permission);
    } catch (IommuException e) {
      domain.iovas().free(iova, pages);
      throw e;
    }
  }

  private void enter(VtdDomain domain, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    long flags =
        (permission.read() ? SecondLevelLayout.READ : 0)
            | (permission.write() ? SecondLevelLayout.WRITE : 0);
    long cap = registers.read(CAP);
    int largest = CapabilityLayout.largestPageLevel(cap);
    long replaced = tables.map(domain.root(), domain.levels(), largest, iova, gpa, size, flags);
    if (replaced != 0 || CapabilityLayout.cachingMode(cap)) {
      invalidate(domain, iova, size, cap);
    }
    // Only now: until then a walk may still be on its way through them.
    tables.giveBack(replaced);
  }

  /** In pages: the largest page that the memory itself could be mapped with. */
  private long alignment(long gpa, long size) {
    for (int level = CapabilityLayout.largestPageLevel(registers.read(CAP)); level > 1; level--) {
      long page = 1L << SecondLevelLayout.shift(level);
      if ((gpa & page - 1) == 0 && size >= page) {
        return page >>> SecondLevelLayout.PAGE_SHIFT;
      }
    }
    return 1;
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    VtdDomain domain = domains.findHolding(endpoint, iova, size);
    if (domain == null) {
      return;
    }
    tables.unmap(domain.root(), domain.levels(), iova, size);
    int pages = (int) (size >>> SecondLevelLayout.PAGE_SHIFT);
    if (options.invalidation() == InvalidationMode.LAZY) {
      held.add(domain.id(), domain.iovas(), iova, pages);
      return;
    }
    invalidate(domain, iova, size, registers.read(CAP));
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
  private long allocate(VtdDomain domain, int pages, long alignment, long limit)
      throws IommuException {
    try {
      return domain.iovas().allocate(pages, alignment, limit);
    } catch (IommuException e) {
      if (!held.flush()) {
        throw e;
      }
      return domain.iovas().allocate(pages, alignment, limit);
    }
  }

  private void invalidate(VtdDomain domain, long iova, long size, long cap) {
    queue.iotlbPages(
        domain.id(),
        iova,
        size >>> SecondLevelLayout.PAGE_SHIFT,
        CapabilityLayout.maximumAddressMask(cap));
  }

  private VtdDomain require(Endpoint endpoint) throws IommuException {
    VtdDomain domain = domains.find(endpoint);
    if (domain == null) {
      throw new IommuException("%s has no address space".formatted(endpoint.id()));
    }
    return domain;
  }

  /** Number of pages, once all of a request is known to be expressible. */
  private int checkedPages(long gpa, long size, Permission permission) throws IommuException {
    int guestWidth = CapabilityLayout.maximumGuestWidth(registers.read(CAP));
    int hostWidth = Math.min(guestWidth, SecondLevelLayout.ADDRESS_BITS);
    long pages = size >>> SecondLevelLayout.PAGE_SHIFT;
    if (size <= 0 || ((size | gpa) & PAGE - 1) != 0) {
      throw new IommuException("0x%x bytes at 0x%x are not whole pages".formatted(size, gpa));
    }
    if (pages > Integer.MAX_VALUE || gpa >>> hostWidth != 0 || gpa + size - 1 >>> hostWidth != 0) {
      throw new IommuException(
          "0x%x bytes at 0x%x are beyond %d bits".formatted(size, gpa, hostWidth));
    }
    if (permission == Permission.NONE) {
      throw new IommuException("a mapping without any permission cannot be expressed");
    }
    return (int) pages;
  }
}
