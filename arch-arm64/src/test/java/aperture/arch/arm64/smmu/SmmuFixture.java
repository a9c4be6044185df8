package aperture.arch.arm64.smmu;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IovaAllocator;
import aperture.iommu.MappingLedger;
import aperture.iommu.Permission;
import aperture.iommu.PlatformTables;
import aperture.iommu.Registers;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** State that a test can look into and break: registers, memory, pages with a budget, a ledger. */
final class SmmuFixture implements IommuState, AutoCloseable {

  static final long RAM = 0x4000_0000L;
  static final long SIZE = 64L << 20;

  private static final int PAGE_SHIFT = 12;

  final GuestMemory memory;
  final List<Endpoint> endpoints = new ArrayList<>();
  final List<MemoryRange> reserved = new ArrayList<>();
  final List<String> invalidations = new ArrayList<>();
  final List<String> registerWrites = new ArrayList<>();

  /** Pages that may still be handed out. */
  long budget = Long.MAX_VALUE;

  private final Map<String, Long> registers = new TreeMap<>();
  private final Map<Long, Long> pagesOut = new HashMap<>();
  private final Map<Long, Mapping> mappings = new LinkedHashMap<>();
  private final IovaAllocator pages =
      new IovaAllocator(new MemoryRange(RAM, SIZE), PAGE_SHIFT, List.of());
  private int generation;

  private record Mapping(
      Endpoint endpoint, long iova, long gpa, long size, Permission permission) {}

  SmmuFixture() {
    try {
      memory = GuestMemory.allocate(List.of(new MemoryRange(RAM, SIZE)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Endpoint addEndpoint(int requesterId) {
    Endpoint endpoint =
        Endpoint.pci(endpoints.size(), requesterId >> 8, requesterId >> 3 & 31, requesterId & 7);
    endpoints.add(endpoint);
    return endpoint;
  }

  IommuInstance attach() throws Exception {
    return new SmmuV3Behavior().attach(this);
  }

  /** Maps as core does: the ledger learns of it. */
  long map(IommuTableDriver driver, Endpoint endpoint, long gpa, long size) throws Exception {
    long iova = driver.map(endpoint, gpa, size, Permission.READ_WRITE, -1L);
    mappings.put(
        iova << 8 | endpoint.index(),
        new Mapping(endpoint, iova, gpa, size, Permission.READ_WRITE));
    return iova;
  }

  void unmap(IommuTableDriver driver, Endpoint endpoint, long iova, long size) {
    driver.unmap(endpoint, iova, size);
    mappings.remove(iova << 8 | endpoint.index());
  }

  void put(long gpa, long value) {
    memory.putLe64(memory.offsetOf(gpa, 8), value);
  }

  long get(long gpa) {
    return memory.getLe64(memory.offsetOf(gpa, 8));
  }

  void set(String register, long value) {
    registers().set(register, value);
  }

  long get(String register) {
    return registers().get(register);
  }

  WalkResult walk(IommuInstance instance, Endpoint endpoint, long iova, Access access) {
    WalkResult result = new WalkResult();
    result.begin();
    instance.walker().walk(endpoint, iova, access, result);
    return result;
  }

  long pagesOut() {
    return pagesOut.values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public Registers registers() {
    return new Registers() {
      @Override
      public long get(String name) {
        return registers.getOrDefault(name, 0L);
      }

      @Override
      public void set(String name, long value) {
        registers.put(name, value);
        registerWrites.add("%s=0x%x".formatted(name, value));
        generation++;
      }

      @Override
      public boolean has(String name) {
        return registers.containsKey(name);
      }

      @Override
      public int generation() {
        return generation;
      }

      @Override
      public Map<String, Long> snapshot() {
        return Map.copyOf(registers);
      }
    };
  }

  @Override
  public GuestMemory memory() {
    return memory;
  }

  @Override
  public PlatformTables tables() {
    throw new UnsupportedOperationException("an SMMU keeps its tables in memory");
  }

  @Override
  public PageAllocator pages() {
    return new PageAllocator() {
      @Override
      public long allocate(long bytes, long alignment) {
        long count = bytes + PAGE_SIZE - 1 >>> PAGE_SHIFT;
        if (count > budget) {
          return NO_MEMORY;
        }
        int extra = (int) (alignment >>> PAGE_SHIFT) - 1;
        long wide = pages.allocate((int) count + extra, -1L);
        if (wide == IovaAllocator.NO_SPACE) {
          return NO_MEMORY;
        }
        budget -= count;
        long gpa = wide + alignment - 1 & -alignment;
        memory.fill(memory.offsetOf(gpa, bytes), bytes, (byte) 0);
        pagesOut.put(gpa, count);
        return gpa;
      }

      @Override
      public void free(long gpa, long bytes) {
        Long count = pagesOut.remove(gpa);
        if (count == null || count != bytes + PAGE_SIZE - 1 >>> PAGE_SHIFT) {
          throw new IllegalArgumentException("0x%x was not handed out".formatted(gpa));
        }
        pages.free(gpa, count.intValue());
        budget += count;
      }
    };
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }

  @Override
  public IommuInvalidator invalidator() {
    return new IommuInvalidator() {
      @Override
      public void invalidate(Endpoint endpoint, long iova, long size) {
        invalidations.add("range %s 0x%x 0x%x".formatted(endpoint.id(), iova, size));
      }

      @Override
      public void invalidateDomain(int domain, long iova, long size) {
        invalidations.add("domain %d 0x%x 0x%x".formatted(domain, iova, size));
      }

      @Override
      public void invalidateEndpoint(Endpoint endpoint) {
        invalidations.add("endpoint " + endpoint.id());
      }

      @Override
      public void invalidateAll() {
        invalidations.add("all");
      }
    };
  }

  @Override
  public MappingLedger ledger() {
    return new MappingLedger() {
      @Override
      public int size() {
        return mappings.size();
      }

      @Override
      public void forEach(Visitor visitor) {
        for (Mapping m : mappings.values()) {
          visitor.visit(m.endpoint(), m.iova(), m.gpa(), m.size(), m.permission());
        }
      }
    };
  }

  @Override
  public List<MemoryRange> reserved() {
    return List.copyOf(reserved);
  }

  @Override
  public void close() {
    memory.close();
  }
}
