package aperture.arch.sparc.sun4v;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * A second reading of the calls, slow and literal: everything mapped is in one map, everything
 * bound in one list. For tests; it shares nothing with the hypervisor under test.
 */
final class LiteralHypervisor {

  /** A page that is mapped. */
  private record Page(long address, long attributes) {}

  /** A table: where it is, how large, of which pages. */
  private record Table(long memory, long entries, long pageSize, long iova) {}

  /** Words of memory by real address; null where there is none. */
  private final LongFunction<Long> memory;

  private final long memorySize;
  private final Map<Long, Table> tables = new TreeMap<>();
  private final Map<List<Long>, Page> mapped = new HashMap<>();

  /** Handle and device, in the order in which slots are used. */
  private final Map<Long, Long[]> bound = new HashMap<>();

  LiteralHypervisor(LongFunction<Long> memory, long memorySize) {
    this.memory = memory;
    this.memorySize = memorySize;
    tables.put(0L, new Table(0, 1 << 18, 8192, 0x8000_0000L));
  }

  /** Status, then results, as many as the call has. */
  List<Long> call(long number, long a, long b, long c, long d) {
    return switch ((int) number) {
      case 0xb0 -> mapFirst(a, b, c, d);
      case 0xb1 -> a >>> 32 != 0 ? List.of(6L) : demap(0, a & 0xffff_ffffL, b);
      case 0xb2 -> a >>> 32 != 0 ? List.of(6L) : get(0, a & 0xffff_ffffL, false);
      case 0x190 -> conf(a, b, c, d);
      case 0x191 -> info(a);
      case 0x192 -> unconf(a);
      case 0x193 -> bind(a, b);
      case 0x194 -> unbind(a, b);
      case 0x195 -> binding(a, b);
      case 0x196 -> mapIotsb(a, b, c, d);
      case 0x197 -> mapOne(a, b, c, d);
      case 0x198 -> a == 0 ? List.of(6L) : demap(a, b, c);
      case 0x199 -> a == 0 ? List.of(6L) : get(a, b, true);
      case 0x19a -> sync(a, b, c);
      default -> List.of(7L);
    };
  }

  private boolean has(long handle, long index) {
    Table table = tables.get(handle);
    return table != null && index >= 0 && index < table.entries();
  }

  private static boolean attributes(long value) {
    return value >= 1 && value <= 7 && value != 4;
  }

  private List<Long> mapFirst(long tsbid, long count, long attributes, long list) {
    return tsbid >>> 32 != 0 || count < 1
        ? List.of(6L)
        : map(0, tsbid & 0xffff_ffffL, count, attributes, list);
  }

  private List<Long> mapIotsb(long handle, long packed, long attributes, long list) {
    long count = packed >>> 48;
    return handle == 0 || count == 0
        ? List.of(6L)
        : map(handle, packed << 16 >>> 16, count, attributes, list);
  }

  private List<Long> map(long handle, long index, long count, long attributes, long list) {
    if (!has(handle, index) || !attributes(attributes)) {
      return List.of(6L);
    }
    if (list % 8 != 0) {
      return List.of(8L);
    }
    Table table = tables.get(handle);
    long most = Math.min(Math.min(count, 1024), table.entries() - index);
    for (long i = 0; i < most; i++) {
      if (memory.apply(list + 8 * i) == null) {
        return List.of(2L);
      }
    }
    for (long i = 0; i < most; i++) {
      long page = memory.apply(list + 8 * i);
      long status = page(page, table.pageSize());
      if (status != 0) {
        return i == 0 ? List.of(status) : List.of(0L, i);
      }
      mapped.put(List.of(handle, index + i), new Page(page, attributes));
    }
    return List.of(0L, most);
  }

  private long page(long address, long size) {
    if (address % size != 0) {
      return 8;
    }
    return address >= 0 && address <= memorySize - size ? 0 : 2;
  }

  private List<Long> mapOne(long handle, long index, long attributes, long address) {
    if (handle == 0 || !has(handle, index) || !attributes(attributes)) {
      return List.of(6L);
    }
    long status = page(address, tables.get(handle).pageSize());
    if (status == 0) {
      mapped.put(List.of(handle, index), new Page(address, attributes));
    }
    return List.of(status);
  }

  private List<Long> demap(long handle, long index, long count) {
    if (!has(handle, index) || count < 1) {
      return List.of(6L);
    }
    long end = Math.min(tables.get(handle).entries() - index, count) + index;
    mapped
        .keySet()
        .removeIf(key -> key.get(0) == handle && key.get(1) >= index && key.get(1) < end);
    return List.of(0L, end - index);
  }

  private List<Long> get(long handle, long index, boolean addressFirst) {
    if (!has(handle, index)) {
      return List.of(6L);
    }
    Page page = mapped.get(List.of(handle, index));
    if (page == null) {
      return List.of(14L);
    }
    return addressFirst
        ? List.of(0L, page.address(), page.attributes())
        : List.of(0L, page.attributes(), page.address());
  }

  private List<Long> sync(long handle, long index, long count) {
    return handle == 0 || !has(handle, index) || count < 1
        ? List.of(6L)
        : List.of(0L, Math.min(count, tables.get(handle).entries() - index));
  }

  private List<Long> conf(long address, long bytes, long pageSize, long iova) {
    boolean page = List.of(1L << 13, 1L << 16, 1L << 22, 1L << 28).contains(pageSize);
    if (bytes < 8192 || bytes % 8192 != 0 || !page) {
      return List.of(6L);
    }
    if (address % 8192 != 0 || iova % pageSize != 0) {
      return List.of(8L);
    }
    if (address < 0 || address > memorySize - bytes) {
      return List.of(2L);
    }
    long entries = bytes / 8;
    long end = 2L << 40;
    if (iova < 1L << 40 || iova >= end || (end - iova) / pageSize < entries) {
      return List.of(6L);
    }
    long handle = 1;
    while (tables.containsKey(handle)) {
      handle++;
    }
    if (handle > 64) {
      return List.of(15L);
    }
    for (Table other : tables.values()) {
      boolean first = other.memory() == 0;
      if (!first
          && address < other.memory() + other.entries() * 8
          && other.memory() < address + bytes) {
        return List.of(17L);
      }
    }
    for (long i = 0; i < bytes; i += 8) {
      if (memory.apply(address + i) != 0) {
        return List.of(6L);
      }
    }
    tables.put(handle, new Table(address, entries, pageSize, iova));
    return List.of(0L, handle);
  }

  private long devices(long handle) {
    return bound.values().stream().filter(slots -> List.of(slots).contains(handle)).count();
  }

  private List<Long> info(long handle) {
    Table table = tables.get(handle);
    return table == null
        ? List.of(6L)
        : List.of(
            0L,
            table.memory(),
            table.entries() * 8,
            table.pageSize(),
            table.iova(),
            handle == 0 ? 0 : devices(handle));
  }

  private List<Long> unconf(long handle) {
    if (handle == 0 || !tables.containsKey(handle)) {
      return List.of(6L);
    }
    if (devices(handle) > 0) {
      return List.of(17L);
    }
    tables.remove(handle);
    mapped.keySet().removeIf(key -> key.get(0) == handle);
    return List.of(0L);
  }

  private static boolean isDevice(long device) {
    return device % 256 == 0 && device >= 0 && device < 1 << 24;
  }

  private List<Long> bind(long handle, long device) {
    Table table = tables.get(handle);
    if (handle == 0 || table == null || !isDevice(device)) {
      return List.of(6L);
    }
    Long[] slots = bound.computeIfAbsent(device, any -> new Long[] {0L, 0L, 0L, 0L});
    int free = List.of(slots).indexOf(0L);
    for (long other : slots) {
      if (other != 0 && overlap(table, tables.get(other))) {
        return List.of(17L);
      }
    }
    if (free < 0) {
      return List.of(17L);
    }
    slots[free] = handle;
    return List.of(0L);
  }

  private static boolean overlap(Table one, Table other) {
    return one.iova() < other.iova() + other.entries() * other.pageSize()
        && other.iova() < one.iova() + one.entries() * one.pageSize();
  }

  private List<Long> unbind(long handle, long device) {
    if (handle == 0 || !tables.containsKey(handle) || !isDevice(device)) {
      return List.of(6L);
    }
    Long[] slots = bound.getOrDefault(device, new Long[0]);
    int slot = new ArrayList<>(List.of(slots)).indexOf(handle);
    if (slot < 0) {
      return List.of(14L);
    }
    slots[slot] = 0L;
    return List.of(0L);
  }

  private List<Long> binding(long device, long iova) {
    if (!isDevice(device)) {
      return List.of(6L);
    }
    for (long handle : bound.getOrDefault(device, new Long[0])) {
      Table table = tables.get(handle);
      if (handle != 0
          && iova >= table.iova()
          && iova < table.iova() + table.entries() * table.pageSize()) {
        return List.of(0L, handle);
      }
    }
    return List.of(14L);
  }

  /** What an access comes to: "page GPA SIZE", or the kind of a fault. */
  String access(long device, long iova, boolean write) {
    List<Long> candidates = new ArrayList<>(List.of(0L));
    candidates.addAll(List.of(bound.getOrDefault(device, new Long[0])));
    for (int i = 0; i < candidates.size(); i++) {
      long handle = candidates.get(i);
      Table table = tables.get(handle);
      boolean known = i == 0 || handle != 0;
      if (known
          && iova >= table.iova()
          && iova < table.iova() + table.entries() * table.pageSize()) {
        Page page = mapped.get(List.of(handle, (iova - table.iova()) / table.pageSize()));
        if (page == null) {
          return "UNMAPPED";
        }
        boolean allowed = page.attributes() / (write ? 2 : 1) % 2 == 1;
        return allowed ? "page %x %x".formatted(page.address(), table.pageSize()) : "DENIED";
      }
    }
    return "ADDRESS_SIZE";
  }
}
