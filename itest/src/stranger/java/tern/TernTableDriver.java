package tern;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IovaAllocator;
import aperture.iommu.Permission;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.util.HashMap;
import java.util.Map;

/** The operating-system half. Its IOVA allocators are rebuilt from the ledger. */
final class TernTableDriver implements IommuTableDriver {

  /** The first directory entry stays empty, so that an IOVA of 0 is never handed out. */
  private static final MemoryRange APERTURE =
      new MemoryRange(
          TableLayout.PAGE_BYTES, (1L << TableLayout.IOVA_BITS) - TableLayout.PAGE_BYTES);

  private final IommuState state;
  private final GuestMemory memory;
  private final Map<Integer, IovaAllocator> allocators = new HashMap<>();

  TernTableDriver(IommuState state) {
    this.state = state;
    this.memory = state.memory();
    state
        .ledger()
        .forEach((endpoint, iova, _, size, _) -> allocator(endpoint).take(iova, pages(size)));
  }

  private IovaAllocator allocator(Endpoint endpoint) {
    return allocators.computeIfAbsent(
        endpoint.index(),
        _ -> new IovaAllocator(APERTURE, TableLayout.PAGE_SHIFT, state.reserved()));
  }

  private static int pages(long size) {
    return Math.toIntExact(size >>> TableLayout.PAGE_SHIFT);
  }

  @Override
  public int pageSize() {
    return TableLayout.PAGE_BYTES;
  }

  @Override
  public void initialize() throws IommuException {
    state.registers().set(RegisterName.ROOT, newPage());
    state.registers().set(RegisterName.CONTROL, RegisterName.ENABLE);
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) throws IommuException {
    if (!TableLayout.expresses(endpoint.requesterId())) {
      throw new IommuException(
          "requester 0x%x has no root entry".formatted(endpoint.requesterId()));
    }
    put(rootEntry(endpoint), newPage() | TableLayout.VALID);
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    long entry = get(rootEntry(endpoint));
    if (!TableLayout.valid(entry)) {
      return;
    }
    put(rootEntry(endpoint), 0);
    state.invalidator().invalidateEndpoint(endpoint);
    long directory = TableLayout.address(entry);
    for (int i = 0; i < TableLayout.ENTRIES; i++) {
      long table = get(directory + (long) i * TableLayout.ENTRY_BYTES);
      if (TableLayout.valid(table)) {
        state.pages().free(TableLayout.address(table), TableLayout.PAGE_BYTES);
      }
    }
    state.pages().free(directory, TableLayout.PAGE_BYTES);
    allocators.remove(endpoint.index());
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    IovaAllocator allocator = allocator(endpoint);
    long iova = allocator.allocate(pages(size), limit);
    if (iova == IovaAllocator.NO_SPACE) {
      throw new IommuException("the aperture of %s is used up".formatted(endpoint.id()));
    }
    enter(endpoint, allocator, iova, gpa, size, permission);
    return iova;
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    IovaAllocator allocator = allocator(endpoint);
    if (!allocator.take(iova, pages(size))) {
      throw new IommuException("0x%x is taken, or outside the aperture".formatted(iova));
    }
    enter(endpoint, allocator, iova, gpa, size, permission);
  }

  /** All tables first, so that a failure changes nothing that a walk can see. */
  private void enter(
      Endpoint endpoint,
      IovaAllocator allocator,
      long iova,
      long gpa,
      long size,
      Permission permission)
      throws IommuException {
    boolean done = false;
    try {
      for (long page = 0; page < size; page += TableLayout.PAGE_BYTES) {
        makeTable(endpoint, iova + page);
      }
      done = true;
    } finally {
      if (!done) {
        allocator.free(iova, pages(size));
      }
    }
    long bits =
        (permission.read() ? TableLayout.READ : 0) | (permission.write() ? TableLayout.WRITE : 0);
    for (long page = 0; page < size; page += TableLayout.PAGE_BYTES) {
      put(tableEntry(endpoint, iova + page), gpa + page | bits);
    }
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    for (long page = 0; page < size; page += TableLayout.PAGE_BYTES) {
      put(tableEntry(endpoint, iova + page), 0);
    }
    state.invalidator().invalidate(endpoint, iova, size);
    allocator(endpoint).free(iova, pages(size));
  }

  private void makeTable(Endpoint endpoint, long iova) throws IommuException {
    long at = directoryEntry(endpoint, iova);
    if (!TableLayout.valid(get(at))) {
      put(at, newPage() | TableLayout.VALID);
    }
  }

  private long newPage() throws IommuException {
    long page = state.pages().allocate(TableLayout.PAGE_BYTES, TableLayout.PAGE_BYTES);
    if (page == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for a table");
    }
    return page;
  }

  private long rootEntry(Endpoint endpoint) {
    return TableLayout.rootEntry(state.registers().get(RegisterName.ROOT), endpoint.requesterId());
  }

  private long directoryEntry(Endpoint endpoint, long iova) {
    return TableLayout.directoryEntry(TableLayout.address(get(rootEntry(endpoint))), iova);
  }

  private long tableEntry(Endpoint endpoint, long iova) {
    return TableLayout.tableEntry(TableLayout.address(get(directoryEntry(endpoint, iova))), iova);
  }

  /** An entry; empty where no memory is, for a pointer on the way may have been overwritten. */
  private long get(long gpa) {
    long at = memory.offsetOf(gpa, TableLayout.ENTRY_BYTES);
    return at == GuestMemory.NOT_MEMORY ? 0 : memory.getBe64(at);
  }

  private void put(long gpa, long entry) {
    long at = memory.offsetOf(gpa, TableLayout.ENTRY_BYTES);
    if (at != GuestMemory.NOT_MEMORY) {
      memory.putBe64(at, entry);
    }
  }
}
