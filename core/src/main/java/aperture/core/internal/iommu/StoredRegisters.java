package aperture.core.internal.iommu;

import aperture.iommu.Registers;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Registers in a map of cells, so that writing one allocates nothing; they outlive every behaviour.
 */
public final class StoredRegisters implements Registers {

  private final Map<String, AtomicLong> values = new ConcurrentHashMap<>();
  private final AtomicInteger generation = new AtomicInteger();

  @Override
  public long get(String name) {
    AtomicLong cell = values.get(name);
    return cell == null ? 0 : cell.get();
  }

  @Override
  public void set(String name, long value) {
    AtomicLong cell = values.get(name);
    if (cell == null) {
      cell = values.computeIfAbsent(name, _ -> new AtomicLong());
    }
    cell.set(value);
    generation.incrementAndGet();
  }

  @Override
  public boolean has(String name) {
    return values.containsKey(name);
  }

  @Override
  public int generation() {
    return generation.get();
  }

  @Override
  public Map<String, Long> snapshot() {
    Map<String, Long> copy = new TreeMap<>();
    values.forEach((name, cell) -> copy.put(name, cell.get()));
    return copy;
  }

  /** Back to the state before any write. */
  public void clear() {
    values.clear();
    generation.incrementAndGet();
  }
}
