package aperture.core.internal.iommu;

import aperture.iommu.IommuSnapshot;
import aperture.iommu.PlatformTable;
import aperture.iommu.PlatformTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A machine's platform-kept tables. */
public final class StoredTables implements PlatformTables {

  private static final long MAX_ENTRIES = 1L << 31;

  private final Map<Long, StoredTable> tables = new ConcurrentHashMap<>();
  private final AtomicInteger generation = new AtomicInteger();

  @Override
  public List<PlatformTable> all() {
    List<PlatformTable> all = new ArrayList<>(tables.values());
    all.sort((a, b) -> Long.compareUnsigned(a.id(), b.id()));
    return all;
  }

  @Override
  public Optional<PlatformTable> find(long id) {
    return Optional.ofNullable(tables.get(id));
  }

  @Override
  public PlatformTable create(long id, long entries, Map<String, Long> attributes) {
    if (entries < 1 || entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "table 0x%x of %d entries: 1 to %d are possible".formatted(id, entries, MAX_ENTRIES));
    }
    StoredTable table = new StoredTable(id, entries, attributes);
    if (tables.putIfAbsent(id, table) != null) {
      throw new IllegalArgumentException("table 0x%x exists".formatted(id));
    }
    generation.incrementAndGet();
    return table;
  }

  @Override
  public void remove(long id) {
    tables.remove(id);
    generation.incrementAndGet();
  }

  @Override
  public int generation() {
    return generation.get();
  }

  /** All tables in neutral form. */
  public List<IommuSnapshot.Table> snapshot() {
    List<IommuSnapshot.Table> copies = new ArrayList<>();
    for (StoredTable table : tables.values()) {
      copies.add(
          new IommuSnapshot.Table(
              table.id(), table.attributes(), table.entries(), table.nonZero()));
    }
    return copies;
  }

  /** Takes over the tables of a snapshot. */
  public void load(List<IommuSnapshot.Table> copies) {
    for (IommuSnapshot.Table copy : copies) {
      PlatformTable table = create(copy.id(), copy.entryCount(), copy.attributes());
      copy.entries().forEach(table::set);
    }
  }

  /** Removes every table. */
  public void clear() {
    tables.clear();
    generation.incrementAndGet();
  }
}
