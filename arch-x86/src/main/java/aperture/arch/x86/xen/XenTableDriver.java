package aperture.arch.x86.xen;

import static aperture.arch.x86.xen.XenRegisters.GRANT_FRAMES;
import static aperture.arch.x86.xen.XenRegisters.GRANT_TABLE;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IovaAllocator;
import aperture.iommu.Permission;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a guest kernel that gives devices grants does: an entry of the grant table for each page, in
 * a row for each mapping, taken back when it ends. All devices share the table.
 *
 * <p>Source: Linux 6.1, drivers/xen/grant-dma-ops.c.
 */
final class XenTableDriver implements IommuTableDriver {

  private static final int PAGE = BusAddressLayout.PAGE_SIZE;

  /** Frames of the grant table: enough for 512 MiB that are mapped at once. */
  private static final long FRAMES = 256;

  private final IommuState state;
  private final boolean machineFrames;
  private final PhysicalToMachineList list;
  private @Nullable GrantTable table;
  private IovaAllocator references;

  XenTableDriver(IommuState state, boolean machineFrames) {
    this.state = state;
    this.machineFrames = machineFrames;
    list = new PhysicalToMachineList(state);
    long frames = state.registers().get(GRANT_FRAMES);
    if (frames > 0 && frames <= FRAMES) {
      table = open();
    }
    references = newReferences();
    state
        .ledger()
        .forEach((endpoint, iova, gpa, size, permission) -> references.take(iova, pages(size)));
  }

  private GrantTable open() {
    return new GrantTable(
        state.memory(),
        state.registers().get(GRANT_TABLE),
        state.registers().get(GRANT_FRAMES) * GrantEntryLayout.PER_FRAME);
  }

  private IovaAllocator newReferences() {
    GrantTable known = table;
    long entries = known == null ? FRAMES * GrantEntryLayout.PER_FRAME : known.entries();
    List<MemoryRange> reserved = new ArrayList<>(state.reserved());
    reserved.add(
        new MemoryRange(BusAddressLayout.GRANTS, (long) GrantEntryLayout.RESERVED_ENTRIES * PAGE));
    return new IovaAllocator(
        new MemoryRange(BusAddressLayout.GRANTS, entries * PAGE),
        BusAddressLayout.PAGE_SHIFT,
        reserved);
  }

  @Override
  public int pageSize() {
    return PAGE;
  }

  @Override
  public void initialize() throws IommuException {
    long grants = state.pages().allocate(FRAMES * PAGE, PAGE);
    if (grants == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for a grant table of %d frames".formatted(FRAMES));
    }
    if (machineFrames) {
      try {
        list.build();
      } catch (IommuException e) {
        state.pages().free(grants, FRAMES * PAGE);
        throw e;
      }
    }
    state.registers().set(GRANT_TABLE, grants);
    state.registers().set(GRANT_FRAMES, FRAMES);
    table = open();
    references = newReferences();
    state.invalidator().invalidateAll();
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) throws IommuException {
    // One table serves the whole guest: there is nothing to build for a device.
    table();
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    // References stay handed out until they are unmapped, or another device could get one and lose
    // it to a late unmap.
    state
        .ledger()
        .forEach((owner, iova, gpa, size, permission) -> {
          if (owner.index() == endpoint.index()) {
            revoke(iova, size);
          }
        });
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    GrantTable grants = table();
    check(gpa, size, permission);
    long iova = references.allocate(pages(size), limit);
    if (iova == IovaAllocator.NO_SPACE) {
      throw new IommuException(
          "no %d free grants in a row: their addresses begin at 0x%x, the device's end at 0x%x"
              .formatted(pages(size), BusAddressLayout.GRANTS, limit));
    }
    enter(grants, iova, gpa, size, permission);
    return iova;
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    GrantTable grants = table();
    check(gpa, size, permission);
    if ((iova & PAGE - 1) != 0 || !references.take(iova, pages(size))) {
      throw new IommuException(
          "0x%x, 0x%x bytes, is taken, or no row of grants".formatted(iova, size));
    }
    enter(grants, iova, gpa, size, permission);
  }

  private void enter(GrantTable grants, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    long reference = BusAddressLayout.reference(iova);
    long frame = gpa >>> BusAddressLayout.PAGE_SHIFT;
    int pages = pages(size);
    int done = 0;
    try {
      for (; done < pages; done++) {
        if (!grants.isFree(reference + done)) {
          throw new IommuException("grant %d is in use".formatted(reference + done));
        }
        long named = machineFrames ? list.machine(frame + done) : frame + done;
        grants.grant(reference + done, named, !permission.write());
      }
    } catch (IommuException e) {
      grants.revoke(reference, done);
      references.free(iova, pages);
      throw e;
    }
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    revoke(iova, size);
    // Only now: nobody else may be given the references while a device can still use the old ones.
    references.free(iova, pages(size));
  }

  private void revoke(long iova, long size) {
    GrantTable grants = table;
    if (grants != null) {
      grants.revoke(BusAddressLayout.reference(iova), pages(size));
      // The kernel waits until the back end has given the frames up.
      state.invalidator().invalidateDomain(XenHvmWalker.GRANTS, iova, size);
    }
  }

  private GrantTable table() throws IommuException {
    GrantTable grants = table;
    if (grants == null) {
      throw new IommuException("the guest has no grant table of this driver");
    }
    return grants;
  }

  private static void check(long gpa, long size, Permission permission) throws IommuException {
    if (size <= 0 || ((size | gpa) & PAGE - 1) != 0) {
      throw new IommuException("0x%x bytes at 0x%x are not whole pages".formatted(size, gpa));
    }
    if ((gpa + (size - 1)) >>> BusAddressLayout.PAGE_SHIFT > GrantEntryLayout.MAX_FRAME) {
      throw new IommuException("0x%x bytes at 0x%x cannot be granted".formatted(size, gpa));
    }
    if (permission == Permission.NONE) {
      throw new IommuException("a mapping without any permission cannot be expressed");
    }
  }

  /** Pages of a mapping; more than the table has when it is too large to count. */
  private static int pages(long size) {
    return (int) Math.min(size >>> BusAddressLayout.PAGE_SHIFT, Integer.MAX_VALUE);
  }
}
