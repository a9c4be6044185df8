package aperture.core.internal.dma;

import aperture.core.internal.iommu.StoredRegisters;
import aperture.core.internal.iommu.StoredTables;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** All there is of one machine's IOMMU; outlives every behaviour. */
final class UnitState implements IommuState {

  private final StoredRegisters registers = new StoredRegisters();
  private final StoredTables tables = new StoredTables();
  private final GuestMemory memory;
  private final TablePages pages;
  private final IommuInvalidator invalidator;
  private final List<MemoryRange> reserved;
  private final Map<String, String> options;
  private final Runnable answered;
  private final List<Endpoint> endpoints = new CopyOnWriteArrayList<>();
  private final Ledger ledger = new Ledger(endpoints);

  UnitState(
      GuestMemory memory,
      PageAllocator pages,
      IommuInvalidator invalidator,
      List<MemoryRange> reserved,
      Map<String, String> options,
      Runnable answered) {
    this.memory = memory;
    this.pages = new TablePages(pages);
    this.invalidator = invalidator;
    this.reserved = List.copyOf(reserved);
    this.options = Map.copyOf(options);
    this.answered = answered;
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
  public TablePages pages() {
    return pages;
  }

  @Override
  public List<Endpoint> endpoints() {
    return Collections.unmodifiableList(endpoints);
  }

  @Override
  public IommuInvalidator invalidator() {
    return invalidator;
  }

  @Override
  public Ledger ledger() {
    return ledger;
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
  public void answered() {
    answered.run();
  }

  /**
   * Makes an identity known; one that was known before may come back.
   *
   * @return whether it is new
   */
  boolean addEndpoint(Endpoint endpoint) {
    int index = endpoint.index();
    if (index < endpoints.size() && endpoints.get(index).equals(endpoint)) {
      return false;
    }
    if (index != endpoints.size()) {
      throw new IllegalArgumentException(
          "endpoint %s has index %d, expected %d"
              .formatted(endpoint.id(), index, endpoints.size()));
    }
    endpoints.add(endpoint);
    return true;
  }

  /** Takes the newest identity back, because it could not be attached. */
  void removeNewestEndpoint() {
    endpoints.removeLast();
  }
}
