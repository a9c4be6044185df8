package aperture.testkit;

import aperture.core.internal.iommu.StoredRegisters;
import aperture.core.internal.iommu.StoredTables;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;
import aperture.iommu.IommuWalker;
import aperture.iommu.MappingLedger;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A machine's IOMMU state without a machine: what core would keep, open to a test. */
public final class TableState implements IommuState, AutoCloseable {

  public static final long MEMORY = 64L << 20;

  private static final int PAGE = 4096;

  public final List<Endpoint> endpoints = new ArrayList<>();
  public final List<Mapping> live = new ArrayList<>();
  public final List<String> invalidations = new ArrayList<>();
  public final List<MemoryRange> reserved = new ArrayList<>();
  public long bytesLeft = MEMORY / 2;

  private final StoredRegisters registers = new StoredRegisters();
  private final StoredTables tables = new StoredTables();
  private final GuestMemory memory;
  private long nextPage = PAGE;

  /** What the ledger holds. */
  public record Mapping(Endpoint endpoint, long iova, long gpa, long size, Permission permission) {}

  public TableState() {
    try {
      memory = GuestMemory.allocate(List.of(new MemoryRange(0, MEMORY)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Endpoint endpoint(Map<String, String> attributes) {
    int index = endpoints.size();
    Endpoint endpoint = new Endpoint(index, "00:%02x.0".formatted(index), index << 3, attributes);
    endpoints.add(endpoint);
    return endpoint;
  }

  /** What core does around a successful map. */
  public void enter(Endpoint endpoint, long iova, long gpa, long size) {
    live.add(new Mapping(endpoint, iova, gpa, size, Permission.READ_WRITE));
  }

  public static WalkResult walk(IommuWalker walker, Endpoint endpoint, long iova, Access access) {
    WalkResult result = new WalkResult();
    result.begin();
    walker.walk(endpoint, iova, access, result);
    return result;
  }

  @Override
  public StoredRegisters registers() {
    return registers;
  }

  @Override
  public GuestMemory memory() {
    return memory;
  }

  @Override
  public StoredTables tables() {
    return tables;
  }

  @Override
  public PageAllocator pages() {
    return new PageAllocator() {
      @Override
      public long allocate(long bytes, long alignment) {
        long first = (nextPage + alignment - 1) & -alignment;
        if (bytes > bytesLeft) {
          return NO_MEMORY;
        }
        bytesLeft -= bytes;
        nextPage = first + (bytes + PAGE - 1) / PAGE * PAGE;
        memory.fill(memory.offsetOf(first, bytes), bytes, (byte) 0);
        return first;
      }

      @Override
      public void free(long gpa, long bytes) {
        bytesLeft += bytes;
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
        invalidations.add("domain 0x%x 0x%x+0x%x".formatted(domain, iova, size));
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
  public void close() {
    memory.close();
  }
}
