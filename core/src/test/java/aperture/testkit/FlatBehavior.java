package aperture.testkit;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuException;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.IovaAllocator;
import aperture.iommu.Permission;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The simplest IOMMU there can be, for tests of core: for each endpoint one flat table of 64-bit
 * little-endian entries in guest memory, 4 KiB pages, an aperture of 1 GiB from 0. An endpoint
 * whose table is at 1 has the identity.
 *
 * <pre>
 *   63              12 11      2 1 0
 *   | page           | 0       |W|R|
 * </pre>
 */
public final class FlatBehavior implements IommuBehavior {

  public static final String KIND = "flat-test";

  private static final int SHIFT = 12;
  private static final long PAGE = 1L << SHIFT;
  private static final long ENTRIES = 1L << 18;
  private static final int ENTRY = 8;

  /** In place of a table's address. */
  private static final long IDENTITY = 1;

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public IommuCapabilities capabilities() {
    return new IommuCapabilities(Set.of(PAGE), true, true, true, false).withIdentity();
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return new Instance(state);
  }

  private static String register(Endpoint endpoint) {
    return "TABLE" + endpoint.index();
  }

  private static final class Instance extends IommuWalker
      implements IommuInstance, IommuTableDriver {

    private final IommuState state;
    private final GuestMemory memory;
    private final ConcurrentHashMap<Integer, IovaAllocator> allocators = new ConcurrentHashMap<>();

    Instance(IommuState state) {
      this.state = state;
      this.memory = state.memory();
      state
          .ledger()
          .forEach((endpoint, iova, gpa, size, permission) ->
              allocator(endpoint).take(iova, (int) (size >>> SHIFT)));
    }

    private IovaAllocator allocator(Endpoint endpoint) {
      return allocators.computeIfAbsent(
          endpoint.index(),
          index ->
              new IovaAllocator(
                  new MemoryRange(PAGE, (ENTRIES - 1) << SHIFT), SHIFT, state.reserved()));
    }

    @Override
    public IommuWalker walker() {
      return this;
    }

    @Override
    public Optional<IommuTableDriver> tableDriver() {
      return Optional.of(this);
    }

    @Override
    public void recordFault(Endpoint endpoint, IommuFault fault) {
      state.registers().set("FAULT", fault.iova());
      state.registers().set("FAULT_BY", fault.requesterId() + 1L);
    }

    @Override
    public List<RecordedFault> recordedFaults() {
      List<RecordedFault> faults = new ArrayList<>();
      if (state.registers().get("FAULT_BY") != 0) {
        faults.add(
            new RecordedFault(
                (int) state.registers().get("FAULT_BY") - 1,
                state.registers().get("FAULT"),
                Access.READ,
                1,
                "FAULT"));
      }
      return faults;
    }

    @Override
    public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
      long table = state.registers().get(register(endpoint));
      long index = iova >>> SHIFT;
      if (table == IDENTITY) {
        result.translated(
            index << SHIFT, index << SHIFT, PAGE, Permission.of(true, true), endpoint.index() + 1);
        return;
      }
      if (table == 0 || index >= ENTRIES) {
        result.fault(FaultKind.UNMAPPED, 1, "outside the table", true);
        return;
      }
      long at = memory.offsetOf(table + index * ENTRY, ENTRY);
      if (at == GuestMemory.NOT_MEMORY) {
        result.fault(FaultKind.TABLE_READ, 2, "the table is not in memory", true);
        return;
      }
      long entry = memory.getLe64(at);
      result.step("table entry", table + index * ENTRY, entry);
      Permission permission = Permission.of((entry & 1) != 0, (entry & 2) != 0);
      if (permission == Permission.NONE) {
        result.fault(FaultKind.UNMAPPED, 3, "the entry is empty", true);
      } else if (!permission.allows(access)) {
        result.fault(FaultKind.DENIED, 4, "the entry denies it", true);
      } else {
        result.translated(index << SHIFT, entry & -PAGE, PAGE, permission, endpoint.index() + 1);
      }
    }

    @Override
    public void initialize() {}

    @Override
    public void attachEndpoint(Endpoint endpoint) throws IommuException {
      long table = state.pages().allocate(ENTRIES * ENTRY, PAGE);
      if (table == PageAllocator.NO_MEMORY) {
        throw new IommuException("no memory for a table");
      }
      state.registers().set(register(endpoint), table);
    }

    @Override
    public void attachIdentity(Endpoint endpoint) {
      state.registers().set(register(endpoint), IDENTITY);
    }

    @Override
    public void detachEndpoint(Endpoint endpoint) {
      long table = state.registers().get(register(endpoint));
      if (table != IDENTITY) {
        state.pages().free(table, ENTRIES * ENTRY);
      }
      state.registers().set(register(endpoint), 0);
      state.invalidator().invalidateEndpoint(endpoint);
    }

    @Override
    public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
        throws IommuException {
      long iova = allocator(endpoint).allocate((int) (size >>> SHIFT), limit);
      if (iova == IovaAllocator.NO_SPACE) {
        throw new IommuException("the aperture is used up");
      }
      fill(endpoint, iova, gpa, size, permission);
      return iova;
    }

    @Override
    public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
        throws IommuException {
      if (!allocator(endpoint).take(iova, (int) (size >>> SHIFT))) {
        throw new IommuException("0x%x is taken".formatted(iova));
      }
      fill(endpoint, iova, gpa, size, permission);
    }

    private void fill(Endpoint endpoint, long iova, long gpa, long size, Permission permission) {
      for (long done = 0; done < size; done += PAGE) {
        put(endpoint, iova + done, gpa + done | permission.bits());
      }
    }

    private void put(Endpoint endpoint, long iova, long entry) {
      long at = state.registers().get(register(endpoint)) + (iova >>> SHIFT) * ENTRY;
      memory.putLe64(memory.offsetOf(at, ENTRY), entry);
    }

    @Override
    public void unmap(Endpoint endpoint, long iova, long size) {
      for (long done = 0; done < size; done += PAGE) {
        put(endpoint, iova + done, 0);
      }
      state.invalidator().invalidate(endpoint, iova, size);
      allocator(endpoint).free(iova, (int) (size >>> SHIFT));
    }

    @Override
    public int pageSize() {
      return (int) PAGE;
    }
  }
}
