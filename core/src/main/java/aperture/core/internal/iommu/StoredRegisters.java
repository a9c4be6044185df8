package aperture.core.internal.iommu;

import aperture.iommu.Registers;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Registers in a map; values outlive every behaviour. */
public final class StoredRegisters implements Registers {

  private final Map<String, Long> values = new ConcurrentHashMap<>();
  private final AtomicInteger generation = new AtomicInteger();

  @Override
  public long get(String name) {
    return values.getOrDefault(name, 0L);
  }

  @Override
  public void set(String name, long value) {
    values.put(name, value);
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
    return new TreeMap<>(values);
  }

  /** Back to the state before any write. */
  public void clear() {
    values.clear();
    generation.incrementAndGet();
  }
}
