package aperture.arch.sparc.sun4v;

import aperture.iommu.IommuInvalidator;
import org.jspecify.annotations.Nullable;

/**
 * The calls that edit the first table. Called by one thread at a time.
 *
 * <p>Choices where the interface leaves room: a row that reaches beyond the table is cut, a row
 * beyond 1,024 entries too, and the count says so; an address in a list that cannot be mapped ends
 * the row before it, and is an error when it is the first. Mapping over a mapped entry, which a
 * guest must not do, replaces it, and nothing that was cached of it stays.
 *
 * <p>Source: Linux 6.1, arch/sparc/include/asm/hypervisor.h, HV_FAST_PCI_IOMMU_MAP to
 * HV_FAST_PCI_DMA_SYNC; arch/sparc/kernel/pci_sun4v.c.
 */
final class IommuCalls {

  private final IoTables tables;
  private final PageList pages;
  private final IommuInvalidator invalidator;
  private final Bypass bypass;

  IommuCalls(IoTables tables, PageList pages, IommuInvalidator invalidator, Bypass bypass) {
    this.tables = tables;
    this.pages = pages;
    this.invalidator = invalidator;
    this.bypass = bypass;
  }

  /** Results of a call behind its status: as many as it has, the others 0. */
  long map(long tsbid, long count, long attributes, long list, boolean relaxed, long[] results) {
    IoTable table = table(tsbid);
    if (table == null || count <= 0 || !IotteLayout.mayBe(attributes, relaxed)) {
      return HvStatus.INVALID;
    }
    long index = HvCallLayout.tsbIndex(tsbid);
    boolean replaced = anyMapped(table, index, Math.min(count, HvCallLayout.BATCH));
    long status = pages.map(table, index, count, attributes, list, results);
    if (replaced && status == HvStatus.OK) {
      invalidate(table, index, results[0]);
    }
    return status;
  }

  long demap(long tsbid, long count, long[] results) {
    IoTable table = table(tsbid);
    if (table == null || count <= 0) {
      return HvStatus.INVALID;
    }
    long index = HvCallLayout.tsbIndex(tsbid);
    results[0] = clear(table, index, count);
    return HvStatus.OK;
  }

  long getMap(long tsbid, long[] results) {
    IoTable table = table(tsbid);
    if (table == null) {
      return HvStatus.INVALID;
    }
    long entry = table.get(HvCallLayout.tsbIndex(tsbid));
    if (!IotteLayout.isMapped(entry)) {
      return HvStatus.NO_MAP;
    }
    results[0] = IotteLayout.attributes(entry);
    results[1] = IotteLayout.realAddress(entry);
    return HvStatus.OK;
  }

  long getBypass(long realAddress, long attributes, boolean relaxed, long[] results) {
    if (!bypass.isEnabled()) {
      return HvStatus.NOT_SUPPORTED;
    }
    if (!IotteLayout.mayBe(attributes, relaxed)) {
      return HvStatus.INVALID;
    }
    if (pages.check(realAddress & -RootComplex.PAGE_SIZE, RootComplex.PAGE_SIZE) != HvStatus.OK) {
      return HvStatus.NO_REAL_ADDRESS;
    }
    results[0] = Bypass.address(realAddress);
    return HvStatus.OK;
  }

  /** The model is coherent: what is synced is what could be, a page at a time. */
  long sync(long realAddress, long bytes, long direction, long[] results) {
    boolean known =
        (direction & ~(HvCallLayout.TO_DEVICE | HvCallLayout.TO_CPU)) == 0 && direction != 0;
    if (!known || bytes <= 0) {
      return HvStatus.INVALID;
    }
    if (pages.check(realAddress & -RootComplex.PAGE_SIZE, RootComplex.PAGE_SIZE) != HvStatus.OK) {
      return HvStatus.NO_REAL_ADDRESS;
    }
    long left = RootComplex.PAGE_SIZE - (realAddress & RootComplex.PAGE_SIZE - 1);
    results[0] = Math.min(bytes, left);
    return HvStatus.OK;
  }

  /** Unmaps what of a row lies in the table, and drops what was cached of it; how many entries. */
  long clear(IoTable table, long index, long count) {
    long fitting = Math.min(count, table.entries() - index);
    boolean any = false;
    for (long i = 0; i < fitting; i++) {
      if (IotteLayout.isMapped(table.get(index + i))) {
        table.set(index + i, IotteLayout.UNMAPPED);
        any = true;
      }
    }
    if (any) {
      invalidate(table, index, fitting);
    }
    return fitting;
  }

  void invalidate(IoTable table, long index, long count) {
    invalidator.invalidateDomain(table.handle(), table.addressOf(index), count * table.pageSize());
  }

  private static boolean anyMapped(IoTable table, long index, long count) {
    long end = Math.min(table.entries() - index, count);
    for (long i = 0; i < end; i++) {
      if (IotteLayout.isMapped(table.get(index + i))) {
        return true;
      }
    }
    return false;
  }

  private @Nullable IoTable table(long tsbid) {
    IoTable table = tables.now().find(RootComplex.FIRST);
    return table != null
            && HvCallLayout.tsbNumber(tsbid) == 0
            && table.has(HvCallLayout.tsbIndex(tsbid))
        ? table
        : null;
  }
}
