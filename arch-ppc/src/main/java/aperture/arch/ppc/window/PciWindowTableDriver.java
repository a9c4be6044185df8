package aperture.arch.ppc.window;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.Registers;
import aperture.memory.MemoryRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The operating-system half: one window over all memory, at the lowest bus address that is not
 * reserved. A mapping is an addition, and ends nothing when it ends.
 *
 * <p>Source: Linux 6.1, arch/powerpc/sysdev/fsl_pci.c, setup_pci_atmu.
 */
final class PciWindowTableDriver implements IommuTableDriver {

  private static final int PAGE = 4096;

  private final IommuState state;
  private final InboundWindows windows;

  PciWindowTableDriver(IommuState state, InboundWindows windows) {
    this.state = state;
    this.windows = windows;
  }

  /** Checks that every live mapping still means what it did. */
  void takeOver() throws AttachRefusedException {
    List<String> problems = new ArrayList<>();
    state
        .ledger()
        .forEach((endpoint, iova, gpa, size, permission) -> {
          if (!means(iova, gpa, size)) {
            problems.add(
                "the mapping of %s at 0x%x is in no window".formatted(endpoint.id(), iova));
          }
        });
    if (!problems.isEmpty()) {
      throw new AttachRefusedException(problems.get(0));
    }
  }

  @Override
  public void initialize() {
    Registers registers = state.registers();
    for (int i = 0; i < InboundLayout.WINDOWS; i++) {
      registers.set(InboundLayout.attributes(i), 0);
    }
    long bus = firstFree();
    int shift = Math.max(InboundLayout.SMALLEST_SHIFT, memoryShift());
    if (bus != 0) {
      // Larger than its place is aligned a window cannot be; memory beyond is out of reach.
      shift = Math.min(shift, Long.numberOfTrailingZeros(bus));
    }
    registers.set(InboundLayout.base(0), InboundLayout.encode(bus));
    registers.set(InboundLayout.target(0), InboundLayout.encode(0));
    registers.set(InboundLayout.attributes(0), InboundLayout.local(shift));
    state.invalidator().invalidateAll();
  }

  private long firstFree() {
    for (MemoryRange range : state.reserved()) {
      if (range.contains(0)) {
        return range.last() + 1;
      }
    }
    return 0;
  }

  private int memoryShift() {
    long last = 0;
    for (MemoryRange region : state.memory().regions()) {
      last = Math.max(last, region.last());
    }
    return Math.min(Long.SIZE - Long.numberOfLeadingZeros(last), InboundLayout.LARGEST_SHIFT);
  }

  @Override
  public void attachEndpoint(Endpoint endpoint) {
    // The windows are the bus's: there is nothing to build for a device.
  }

  @Override
  public void detachEndpoint(Endpoint endpoint) {
    // Nothing was built.
  }

  @Override
  public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException {
    for (InboundWindows.Window window = windows.first(); window != null; window = window.next) {
      long iova = window.bus + (gpa - window.memory);
      if (means(iova, gpa, size) && Long.compareUnsigned(iova + size - 1, limit) <= 0) {
        return iova;
      }
    }
    throw new IommuException("0x%x, %d bytes: in no window below 0x%x".formatted(gpa, size, limit));
  }

  @Override
  public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException {
    if (!means(iova, gpa, size)) {
      throw new IommuException("0x%x does not mean 0x%x here".formatted(iova, gpa));
    }
  }

  @Override
  public void unmap(Endpoint endpoint, long iova, long size) {
    // The window stays open.
  }

  @Override
  public int pageSize() {
    return PAGE;
  }

  /** Whether the whole range leads to that memory. */
  private boolean means(long iova, long gpa, long size) {
    for (InboundWindows.Window window = windows.first(); window != null; window = window.next) {
      if (window.contains(iova)) {
        return window.local
            && size > 0
            && Long.compareUnsigned(size, window.size) <= 0
            && window.contains(iova + size - 1)
            && window.memory + (iova - window.bus) == gpa;
      }
    }
    return false;
  }
}
