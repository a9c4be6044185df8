package aperture.core.internal.iommu;

import aperture.iommu.PlatformTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A table in chunks of 512 entries that exist once one of them was set to something. */
final class StoredTable implements PlatformTable {

  private static final int CHUNK_SHIFT = 9;
  private static final int CHUNK = 1 << CHUNK_SHIFT;
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

  private final long id;
  private final long entries;
  private final Map<String, Long> attributes;
  private final AtomicReferenceArray<long[]> chunks;

  StoredTable(long id, long entries, Map<String, Long> attributes) {
    this.id = id;
    this.entries = entries;
    this.attributes = Map.copyOf(attributes);
    this.chunks = new AtomicReferenceArray<>((int) ((entries + CHUNK - 1) >>> CHUNK_SHIFT));
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public Map<String, Long> attributes() {
    return attributes;
  }

  @Override
  public long entries() {
    return entries;
  }

  @Override
  public long get(long index) {
    long[] chunk = chunks.get(chunkOf(index));
    return chunk == null ? 0 : (long) ENTRY.getAcquire(chunk, (int) index & (CHUNK - 1));
  }

  @Override
  public void set(long index, long value) {
    int at = chunkOf(index);
    long[] chunk = chunks.get(at);
    if (chunk == null) {
      if (value == 0) {
        return;
      }
      chunks.compareAndSet(at, null, new long[CHUNK]);
      chunk = chunks.get(at);
    }
    ENTRY.setRelease(chunk, (int) index & (CHUNK - 1), value);
  }

  private int chunkOf(long index) {
    if (index < 0 || index >= entries) {
      throw new IndexOutOfBoundsException("entry %d of %d".formatted(index, entries));
    }
    return (int) (index >>> CHUNK_SHIFT);
  }

  /** Every entry that is not 0, by index. */
  Map<Long, Long> nonZero() {
    Map<Long, Long> found = new TreeMap<>();
    for (int at = 0; at < chunks.length(); at++) {
      long[] chunk = chunks.get(at);
      for (int i = 0; chunk != null && i < CHUNK; i++) {
        if (chunk[i] != 0) {
          found.put(((long) at << CHUNK_SHIFT) + i, chunk[i]);
        }
      }
    }
    return found;
  }
}
