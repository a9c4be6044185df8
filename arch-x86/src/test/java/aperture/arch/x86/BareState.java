package aperture.arch.x86;

import aperture.core.internal.iommu.StoredTables;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;
import aperture.iommu.IommuWalker;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A machine's IOMMU state without a machine: what core would keep, open to a test. */
public final class BareState implements IommuState, AutoCloseable {

  public static final long MEMORY = 64L << 20;

  private static final int PAGE = 4096;

  public final Map<String, Long> values = new TreeMap<>();
  public final Map<String, String> options = new TreeMap<>();
  public final List<Endpoint> endpoints = new ArrayList<>();
  public final List<Mapping> live = new ArrayList<>();
  public final List<String> invalidations = new ArrayList<>();
  public final List<MemoryRange> reserved = new ArrayList<>();
  public final Set<Long> taken = new HashSet<>();
  public long pagesLeft = Long.MAX_VALUE;

  private final GuestMemory memory;
  private final StoredTables tables = new StoredTables();
  private final Deque<Long> freed = new ArrayDeque<>();
  private long nextPage = PAGE;
  private int generation;

  /** What the ledger holds. */
  public record Mapping(Endpoint endpoint, long iova, long gpa, long size, Permission permission) {}

  public BareState() {
    try {
      memory = GuestMemory.allocate(List.of(new MemoryRange(0, MEMORY)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Endpoint endpoint(int bus, int device) {
    Endpoint endpoint = Endpoint.pci(endpoints.size(), bus, device, 0);
    endpoints.add(endpoint);
    return endpoint;
  }

  public void put(long gpa, long value) {
    memory.putLe64(memory.offsetOf(gpa, 8), value);
  }

  public long get(long gpa) {
    return memory.getLe64(memory.offsetOf(gpa, 8));
  }

  public static WalkResult walk(IommuWalker walker, Endpoint endpoint, long iova, Access access) {
    WalkResult result = new WalkResult();
    result.begin();
    walker.walk(endpoint, iova, access, result);
    return result;
  }

  @Override
  public Registers registers() {
    return new Registers() {
      @Override
      public long get(String name) {
        return values.getOrDefault(name, 0L);
      }

      @Override
      public void set(String name, long value) {
        values.put(name, value);
        generation++;
      }

      @Override
      public boolean has(String name) {
        return values.containsKey(name);
      }

      @Override
      public int generation() {
        return generation;
      }

      @Override
      public Map<String, Long> snapshot() {
        return Map.copyOf(values);
      }
    };
  }

  @Override
  public GuestMemory memory() {
    return memory;
  }

  @Override
  public PlatformTables tables() {
    return tables;
  }

  @Override
  public PageAllocator pages() {
    return new PageAllocator() {
      @Override
      public long allocate(long bytes, long alignment) {
        long count = (bytes + PAGE - 1) / PAGE;
        if (pagesLeft < count) {
          return NO_MEMORY;
        }
        pagesLeft -= count;
        long first = count == 1 && !freed.isEmpty() ? freed.pop() : nextPage;
        if (first == nextPage) {
          nextPage += count * PAGE;
        }
        for (long i = 0; i < count; i++) {
          taken.add(first + i * PAGE);
        }
        memory.fill(memory.offsetOf(first, count * PAGE), count * PAGE, (byte) 0);
        return first;
      }

      @Override
      public void free(long gpa, long bytes) {
        for (long page = gpa; page < gpa + bytes; page += PAGE) {
          if (!taken.remove(page)) {
            throw new AssertionError("0x%x freed, but not taken".formatted(page));
          }
          freed.push(page);
          pagesLeft++;
        }
      }
    };
  }

  @Override
  public List<Endpoint> endpoints() {
    return endpoints;
  }

  @Override
  public IommuInvalidator invalidator() {
    return new IommuInvalidator() {
      @Override
      public void invalidate(Endpoint endpoint, long iova, long size) {
        invalidations.add("endpoint %s 0x%x+0x%x".formatted(endpoint.id(), iova, size));
      }

      @Override
      public void invalidateDomain(int domain, long iova, long size) {
        invalidations.add("domain %d 0x%x+0x%x".formatted(domain, iova, size));
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
        return live.size();
      }

      @Override
      public void forEach(Visitor visitor) {
        live.forEach(m -> visitor.visit(m.endpoint(), m.iova(), m.gpa(), m.size(), m.permission()));
      }
    };
  }

  @Override
  public List<MemoryRange> reserved() {
    return reserved;
  }

  @Override
  public Map<String, String> options() {
    return options;
  }

  @Override
  public void close() {
    memory.close();
  }
}
