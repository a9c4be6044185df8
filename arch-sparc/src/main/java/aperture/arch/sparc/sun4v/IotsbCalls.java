package aperture.arch.sparc.sun4v;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the address translation unit: tables of the guest's own, IOTSBs, and the devices
 * bound to them. Called by one thread at a time.
 *
 * <p>The memory that a guest gives for an IOTSB is checked and then the hypervisor's: entries are
 * kept in a platform table, so that a guest that writes to that memory changes nothing. Choices
 * where the interface leaves room: 64 IOTSBs, four for a device, of pages of 8 KiB, 64 KiB, 4 MiB
 * and 256 MiB; a device that has an IOTSB over part of the range already, or four, is busy. Mapping
 * flushes.
 *
 * <p>Source: Linux 6.1, arch/sparc/include/asm/hypervisor.h, HV_FAST_PCI_IOTSB_CONF and following;
 * arch/sparc/kernel/pci_sun4v.c, pci_sun4v_atu_init.
 */
final class IotsbCalls {

  private final IommuState state;
  private final IoTables tables;
  private final PageList pages;
  private final IommuCalls shared;

  IotsbCalls(IommuState state, IoTables tables, PageList pages, IommuCalls shared) {
    this.state = state;
    this.tables = tables;
    this.pages = pages;
    this.shared = shared;
  }

  long conf(long realAddress, long bytes, long pageSize, long iova, long[] results) {
    long entries = bytes / HvCallLayout.ADDRESS_BYTES;
    if (bytes <= 0 || bytes % RootComplex.PAGE_SIZE != 0 || !RootComplex.hasPages(pageSize)) {
      return HvStatus.INVALID;
    }
    if ((realAddress & RootComplex.PAGE_SIZE - 1) != 0 || (iova & pageSize - 1) != 0) {
      return HvStatus.BAD_ALIGNMENT;
    }
    GuestMemory memory = state.memory();
    long at = memory.offsetOf(realAddress, bytes);
    if (at == GuestMemory.NOT_MEMORY) {
      return HvStatus.NO_REAL_ADDRESS;
    }
    long room = (RootComplex.IOTSB_RANGE.last() - iova) / pageSize;
    if (!RootComplex.IOTSB_RANGE.contains(iova) || entries - 1 > room) {
      return HvStatus.INVALID;
    }
    long handle = freeHandle();
    if (handle < 0) {
      return HvStatus.TOO_MANY;
    }
    if (isTaken(realAddress, bytes)) {
      return HvStatus.BUSY;
    }
    for (long i = 0; i < bytes; i += HvCallLayout.ADDRESS_BYTES) {
      if (memory.getBe64(at + i) != 0) {
        return HvStatus.INVALID;
      }
    }
    long shift = Long.numberOfTrailingZeros(pageSize);
    state
        .tables()
        .create(
            handle,
            entries,
            Map.of(
                RootComplex.BASE, iova,
                RootComplex.SHIFT, shift,
                RootComplex.REAL_ADDRESS, realAddress));
    results[0] = handle;
    return HvStatus.OK;
  }

  private long freeHandle() {
    for (long handle = 1; handle <= RootComplex.MAX_IOTSBS; handle++) {
      if (state.tables().find(handle).isEmpty()) {
        return handle;
      }
    }
    return -1;
  }

  private boolean isTaken(long realAddress, long bytes) {
    MemoryRange wanted = new MemoryRange(realAddress, bytes);
    IoTables.Known now = tables.now();
    for (long handle = 1; handle <= RootComplex.MAX_IOTSBS; handle++) {
      IoTable table = now.find(handle);
      if (table != null
          && wanted.overlaps(
              new MemoryRange(table.realAddress(), table.entries() * HvCallLayout.ADDRESS_BYTES))) {
        return true;
      }
    }
    return false;
  }

  /** Handle 0 is the first table. */
  long info(long handle, long[] results) {
    IoTable table = tables.now().find(handle);
    if (table == null) {
      return HvStatus.INVALID;
    }
    results[0] = table.realAddress();
    results[1] = table.entries() * HvCallLayout.ADDRESS_BYTES;
    results[2] = table.pageSize();
    results[3] = table.base();
    results[4] = bound(handle);
    return HvStatus.OK;
  }

  private long bound(long handle) {
    IoTables.Known now = tables.now();
    long count = 0;
    for (int requester = 0;
        handle != RootComplex.FIRST && requester < RootComplex.DEVICES;
        requester++) {
      long binding = now.binding(requester);
      if (binding != 0 && BindingLayout.slotOf(binding, handle) != BindingLayout.NOWHERE) {
        count++;
      }
    }
    return count;
  }

  long unconf(long handle) {
    IoTable table = find(handle);
    if (table == null) {
      return HvStatus.INVALID;
    }
    if (bound(handle) > 0) {
      return HvStatus.BUSY;
    }
    state.tables().remove(handle);
    return HvStatus.OK;
  }

  long bind(long handle, long device) {
    IoTable table = find(handle);
    if (table == null || !HvCallLayout.isDevice(device)) {
      return HvStatus.INVALID;
    }
    IoTables.Known now = tables.now();
    int requester = HvCallLayout.requester(device);
    long binding = now.binding(requester);
    MemoryRange range = new MemoryRange(table.base(), table.bytes());
    for (int slot = 0; slot < BindingLayout.SLOTS; slot++) {
      IoTable other = find(BindingLayout.handle(binding, slot));
      if (other != null && range.overlaps(new MemoryRange(other.base(), other.bytes()))) {
        return HvStatus.BUSY;
      }
    }
    int free = BindingLayout.slotOf(binding, 0);
    if (free == BindingLayout.NOWHERE) {
      return HvStatus.BUSY;
    }
    now.bind(requester, BindingLayout.with(binding, free, handle));
    return HvStatus.OK;
  }

  long unbind(long handle, long device) {
    if (find(handle) == null || !HvCallLayout.isDevice(device)) {
      return HvStatus.INVALID;
    }
    IoTables.Known now = tables.now();
    int requester = HvCallLayout.requester(device);
    long binding = now.binding(requester);
    int slot = BindingLayout.slotOf(binding, handle);
    if (slot == BindingLayout.NOWHERE) {
      return HvStatus.NO_MAP;
    }
    now.bind(requester, BindingLayout.with(binding, slot, 0));
    for (Endpoint endpoint : state.endpoints()) {
      if (endpoint.requesterId() == requester) {
        state.invalidator().invalidateEndpoint(endpoint);
      }
    }
    return HvStatus.OK;
  }

  long getBinding(long device, long iova, long[] results) {
    if (!HvCallLayout.isDevice(device)) {
      return HvStatus.INVALID;
    }
    long binding = tables.now().binding(HvCallLayout.requester(device));
    for (int slot = 0; slot < BindingLayout.SLOTS; slot++) {
      IoTable table = find(BindingLayout.handle(binding, slot));
      if (table != null && table.indexOf(iova) != IoTable.OUTSIDE) {
        results[0] = table.handle();
        return HvStatus.OK;
      }
    }
    return HvStatus.NO_MAP;
  }

  long map(long handle, long countAndIndex, long attributes, long list, long[] results) {
    IoTable table = find(handle);
    long index = HvCallLayout.index(countAndIndex);
    long count = HvCallLayout.count(countAndIndex);
    if (table == null || count == 0 || !table.has(index) || !IotteLayout.mayBe(attributes, true)) {
      return HvStatus.INVALID;
    }
    long status = pages.map(table, index, count, attributes, list, results);
    if (status == HvStatus.OK) {
      shared.invalidate(table, index, results[0]);
    }
    return status;
  }

  long mapOne(long handle, long index, long attributes, long realAddress) {
    IoTable table = find(handle);
    if (table == null || !table.has(index) || !IotteLayout.mayBe(attributes, true)) {
      return HvStatus.INVALID;
    }
    long status = pages.check(realAddress, table.pageSize());
    if (status == HvStatus.OK) {
      table.set(index, IotteLayout.entry(realAddress, attributes));
      shared.invalidate(table, index, 1);
    }
    return status;
  }

  long demap(long handle, long index, long count, long[] results) {
    IoTable table = find(handle);
    if (table == null || count <= 0 || !table.has(index)) {
      return HvStatus.INVALID;
    }
    results[0] = shared.clear(table, index, count);
    return HvStatus.OK;
  }

  long getMap(long handle, long index, long[] results) {
    IoTable table = find(handle);
    if (table == null || !table.has(index)) {
      return HvStatus.INVALID;
    }
    long entry = table.get(index);
    if (!IotteLayout.isMapped(entry)) {
      return HvStatus.NO_MAP;
    }
    results[0] = IotteLayout.realAddress(entry);
    results[1] = IotteLayout.attributes(entry);
    return HvStatus.OK;
  }

  long sync(long handle, long index, long count, long[] results) {
    IoTable table = find(handle);
    if (table == null || count <= 0 || !table.has(index)) {
      return HvStatus.INVALID;
    }
    results[0] = Math.min(count, table.entries() - index);
    return HvStatus.OK;
  }

  /** An IOTSB; the first table is none. */
  private @Nullable IoTable find(long handle) {
    return handle == RootComplex.FIRST ? null : tables.now().find(handle);
  }
}
