package aperture.core.internal.policy;

import aperture.access.AddressSpace;
import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.machine.RunningMachine;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tries what must not succeed: what nobody mapped, a write where only reading is allowed, what was
 * unmapped.
 */
final class Probes {

  /** Nobody maps this far into memory in an experiment. */
  private static final long STRANGER = 56L << 20;

  private static final int TRIES = 1000;

  private final RunningMachine machine;
  private final EndpointDma endpoint;

  Probes(RunningMachine machine, EndpointDma endpoint) {
    this.machine = machine;
    this.endpoint = endpoint;
  }

  /** Whether the IOMMU that the platform describes denies the device what nobody mapped. */
  boolean constrains() {
    Optional<IommuUnit> unit = machine.unit();
    if (unit.isEmpty() || !endpoint.covered()) {
      return false;
    }
    long stranger = machine.memory().regions().get(0).base() + STRANGER;
    return unit.get()
        .explain(endpoint.endpoint(), stranger, Canaries.PAGE, Access.READ)
        .fault()
        .isPresent();
  }

  /** What the device reaches, through the translation it uses, though it must not. */
  List<String> leaks() throws DmaException {
    List<String> leaks = new ArrayList<>();
    DriverFace face = machine.driverFace(endpoint, AddressSpace.BUS);
    long page = machine.unit().map(IommuUnit::pageSize).orElse(0);
    long size = Math.max(page, PageAllocator.PAGE_SIZE);
    long gpa = machine.pages().allocate(size, size);
    long iova = face.map(gpa, size, Direction.TO_DEVICE);
    try (DmaSession session = endpoint.openSession()) {
      if (reached(session, iova, Access.READ) != gpa) {
        leaks.add("0x%x does not read the page that was mapped there".formatted(iova));
      }
      if (reached(session, iova, Access.WRITE) == gpa) {
        leaks.add("a write passed a mapping at 0x%x that allows reading only".formatted(iova));
      }
      face.unmap(iova, size);
      if (reached(session, iova, Access.READ) == gpa) {
        leaks.add("the page at 0x%x was still reached after it was unmapped".formatted(iova));
      }
    }
    return leaks;
  }

  /** The guest-physical address that an access reaches; -1 for none. */
  private long reached(DmaSession session, long iova, Access access) {
    DmaRanges ranges = new DmaRanges();
    for (int i = 0; i < TRIES; i++) {
      if (session.begin()) {
        TranslateStatus status = session.translate(iova, 1, access, ranges);
        session.hold();
        long gpa = ranges.count() == 0 ? -1 : machine.memory().gpaOf(ranges.offset(0));
        session.end();
        if (status != TranslateStatus.RESTART) {
          return status == TranslateStatus.OK ? gpa : -1;
        }
      }
      ranges.clear();
      Thread.onSpinWait();
    }
    return -1;
  }
}
