package aperture.arch.sparc.sun4u;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IovaAllocator;
import aperture.iommu.Permission;
import aperture.iommu.Registers;
import aperture.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operating-system half. Entries that are let go stay valid, on a dummy page, as this
 * platform's kernel leaves them; unlike it, every change of a valid entry is flushed at once unless
 * the operator wants it otherwise ({@link FlushPolicy}).
 *
 * <p>Sources: Linux 6.1, arch/sparc/kernel/psycho_common.c, psycho_iommu_init (bring-up);
 * arch/sparc/kernel/iommu.c, iommu_table_init, iopte_make_dummy, dma_4u_map_page and
 * dma_4u_unmap_page.
 */
final class Sun4uTableDriver implements IommuTableDriver {

  private final IommuState state;
  private final RegisterView view;
  private final FlushPolicy flush;
  private IovaAllocator addresses;
  private @Nullable Tsb tsb;

  Sun4uTableDriver(IommuState state, RegisterView view, FlushPolicy flush) {
    this.state = state;
    this.view = view;
    this.flush = flush;
    this.addresses = newAllocator(state);
  }

  private static IovaAllocator newAllocator(IommuState state) {
    return new IovaAllocator(DvmaWindow.RANGE, TteLayout.PAGE_SHIFT, state.reserved());
  }

  /** Finds the tables of a predecessor, and in the ledger what is handed out. */
  void takeOver() throws AttachRefusedException {
    RegisterView.Decoded now = view.now();
    if (!now.enabled() || state.ledger().size() == 0 && !isOwn(now)) {
      return;
    }
    if (!isOwn(now)) {
      throw new AttachRefusedException(
          "live mappings, but no TSB of %d entries of 8 KiB at 0x%x"
              .formatted(DvmaWindow.TSB_ENTRIES, now.base()));
    }
    tsb = Tsb.at(state.memory(), now.base());
    List<String> problems = new ArrayList<>();
    state
        .ledger()
        .forEach((endpoint, iova, gpa, size, permission) -> {
          if (!addresses.take(iova, pages(size))) {
            problems.add(
                "the mapping of %s at 0x%x is outside %s"
                    .formatted(endpoint.id(), iova, DvmaWindow.RANGE));
          }
        });
    if (!problems.isEmpty()) {
      throw new AttachRefusedException(problems.get(0));
    }
  }

  private boolean isOwn(RegisterView.Decoded now) {
    return now.indexShift() == TteLayout.PAGE_SHIFT
        && now.entries() == DvmaWindow.TSB_ENTRIES
        && Tsb.fits(state.memory(), now.base());
  }

  @Override
  public void initialize() throws IommuException {
    long base = state.pages().allocate(Tsb.BYTES, TteLayout.PAGE_SIZE);
    if (base == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for a TSB of %d bytes".formatted(Tsb.BYTES));
    }
    Registers registers = state.registers();
    registers.set(
        RegisterName.CONTROL, registers.get(RegisterName.CONTROL) | ControlLayout.DIAGNOSTIC);
    for (int entry = 0; entry < RegisterName.IOTLB_ENTRIES; entry++) {
      registers.set(RegisterName.tag(entry), 0);
      registers.set(RegisterName.data(entry), 0);
    }
    Tsb fresh = Tsb.at(state.memory(), base);
    fresh.clear();
    registers.set(RegisterName.TSB_BASE, base);
    long control = ControlLayout.withSize(registers.get(RegisterName.CONTROL), DvmaWindow.TSB_SIZE);
    registers.set(RegisterName.CONTROL, control & ~ControlLayout.INDEX_64K | ControlLayout.ENABLE);
    registers.set(RegisterName.UE_AFSR, 0);
    addresses = newAllocator(state);
    tsb = fresh;
    state.invalidator().invalidateAll();
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) throws IommuException {
    // One table serves the whole bus: there is nothing to build for a device.
    table();
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    // Addresses stay handed out until they are unmapped, or another device could get one and lose
    // it to a late unmap.
    state
        .ledger()
        .forEach((owner, iova, gpa, size, permission) -> {
          if (owner.index() == endpoint.index()) {
            retire(iova, size);
          }
        });
    flush();
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    Tsb table = table();
    int pages = pages(size);
    boolean large = (gpa & TteLayout.LARGE_SIZE - 1) == 0 && size >= TteLayout.LARGE_SIZE;
    long iova = addresses.allocate(pages, large ? TteLayout.LARGE_ENTRIES : 1, limit);
    if (iova == IovaAllocator.NO_SPACE) {
      throw new IommuException(
          "DVMA window %s has no %d pages free below 0x%x"
              .formatted(DvmaWindow.RANGE, pages, limit));
    }
    write(table, iova, gpa, size, permission);
    return iova;
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    Tsb table = table();
    if (!addresses.take(iova, pages(size))) {
      throw new IommuException(
          "0x%x is taken, or outside DVMA window %s".formatted(iova, DvmaWindow.RANGE));
    }
    write(table, iova, gpa, size, permission);
  }

  private void write(Tsb table, long iova, long gpa, long size, Permission permission) {
    // A freed entry was valid until now, and its dummy page may be cached.
    flush.reused(iova, size, table.write(iova, gpa, pages(size), permission.write()));
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    retire(iova, size);
    if (flush.putsOff()) {
      // An address that comes back soon would end the generation soon.
      addresses.freeForLater(iova, pages(size));
    } else {
      addresses.free(iova, pages(size));
    }
  }

  @Override
  public boolean deferred() {
    return flush.deferred();
  }

  @Override
  public void flush() {
    flush.flush();
  }

  private void retire(long iova, long size) {
    Tsb table = tsb;
    if (table != null) {
      table.retire(iova, pages(size));
      flush.retired(iova, size);
    }
  }

  @Override
  public int pageSize() {
    return (int) TteLayout.PAGE_SIZE;
  }

  private Tsb table() throws IommuException {
    Tsb table = tsb;
    if (table == null) {
      throw new IommuException("the IOMMU has no TSB of this driver");
    }
    return table;
  }

  /** Pages of a mapping; more than the window has when it is too large to count. */
  private static int pages(long size) {
    return (int) Math.min(size >>> TteLayout.PAGE_SHIFT, Integer.MAX_VALUE);
  }
}
