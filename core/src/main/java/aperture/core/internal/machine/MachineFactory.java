package aperture.core.internal.machine;

import aperture.admin.ControlException;
import aperture.admin.MachineSpec;
import aperture.core.internal.dma.FaultLog;
import aperture.core.internal.dma.GuestPages;
import aperture.core.internal.dma.Handover;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.Options;
import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.core.internal.swap.Behaviors;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuException;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.ReservedRange;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes machines, whole or not at all. */
public final class MachineFactory {

  private static final String NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
  private static final long LEAST_MEMORY = 1L << 20;

  private final Families families;
  private final Behaviors behaviors;
  private final SwapLog swaps;

  public MachineFactory(Families families, Behaviors behaviors, SwapLog swaps) {
    this.families = families;
    this.behaviors = behaviors;
    this.swaps = swaps;
  }

  public RunningMachine create(MachineSpec spec) throws ControlException {
    if (!spec.name().matches(NAME_PATTERN)) {
      throw ControlException.usage(
          "machine name '%s': letters, digits, dot, dash and underscore, at most 63"
              .formatted(spec.name()));
    }
    RowCopy type = families.require(spec.type());
    IommuChoice iommu = iommu(type.row(), spec);
    Fabric fabric = new Fabric(iommu.identity(), spec.busBypass(), spec.confidential());
    List<MemoryRange> ram = layOut(type.row(), spec.memory());
    GuestMemory memory = allocate(ram, spec);
    try {
      GuestPages pages = new GuestPages(memory);
      FaultLog faults = new FaultLog();
      Handover handover =
          iommu.kind().equals(MachineRow.NO_IOMMU)
              ? null
              : bringUp(spec.name(), iommu, type.row(), memory, pages, faults);
      return new RunningMachine(spec.name(), type, memory, pages, faults, handover, fabric);
    } catch (ControlException | RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  /** Ends a machine that has no devices any more. */
  public void destroy(RunningMachine machine) {
    machine.handover().ifPresent(behaviors::removeMachine);
    machine.close();
  }

  private IommuChoice iommu(MachineRow row, MachineSpec spec) throws ControlException {
    IommuChoice wanted = IommuChoice.parse(spec.iommu().orElse(row.defaultIommu()));
    String kind = wanted.kind();
    if (!row.iommus().contains(kind)) {
      throw ControlException.usage(
          "machine type %s cannot have IOMMU '%s'; possible: %s"
              .formatted(row.type(), kind, String.join(", ", row.iommus())));
    }
    if (kind.equals(MachineRow.NO_IOMMU) && !wanted.options().isEmpty()) {
      throw ControlException.usage("no IOMMU, so no options of one");
    }
    Optional<IommuBehavior> behavior = behaviors.best(kind).map(Supplier::service);
    Optional<String> unknown =
        behavior.flatMap(service -> Options.unknown(service, wanted.kindOptions().keySet()));
    if (unknown.isPresent()) {
      throw ControlException.usage(unknown.get());
    }
    if (wanted.identity() && behavior.isPresent() && !behavior.get().capabilities().identity()) {
      throw ControlException.usage("IOMMU %s cannot give devices the identity".formatted(kind));
    }
    return wanted;
  }

  private static List<MemoryRange> layOut(MachineRow row, long size) throws ControlException {
    long unit = Math.max(PageAllocator.PAGE_SIZE, row.pageSize());
    if (size < LEAST_MEMORY || size % unit != 0) {
      throw ControlException.usage(
          "memory of %d bytes: at least 1 MiB and a multiple of %d".formatted(size, unit));
    }
    List<MemoryRange> ranges = new ArrayList<>();
    long left = size;
    for (RamSlot slot : row.ram()) {
      if (left > 0) {
        long here = Math.min(left, slot.capacity());
        ranges.add(new MemoryRange(slot.base(), here));
        left -= here;
      }
    }
    if (left > 0) {
      throw ControlException.usage(
          "memory of %d bytes: machine type %s has room for %d"
              .formatted(size, row.type(), size - left));
    }
    return ranges;
  }

  private static GuestMemory allocate(List<MemoryRange> ram, MachineSpec spec)
      throws ControlException {
    try {
      return GuestMemory.allocate(ram);
    } catch (IOException | ArithmeticException | OutOfMemoryError e) {
      throw new ControlException(
          ControlException.Kind.FAILED,
          "the host cannot give %d bytes of memory: %s".formatted(spec.memory(), e.getMessage()),
          e);
    }
  }

  private Handover bringUp(
      String machine,
      IommuChoice iommu,
      MachineRow row,
      GuestMemory memory,
      GuestPages pages,
      FaultLog faults)
      throws ControlException {
    List<MemoryRange> reserved = row.reserved().stream().map(ReservedRange::range).toList();
    String kind = iommu.kind();
    IommuUnit unit =
        new IommuUnit(machine, kind, iommu.kindOptions(), memory, pages, reserved, faults);
    Handover handover = new Handover(unit, swaps);
    try {
      if (!behaviors.bringUp(handover)) {
        throw new ControlException(
            ControlException.Kind.CAPABILITY_MISSING,
            "nobody supplies IOMMU kind %s; install the bundle that does".formatted(kind));
      }
    } catch (AttachRefusedException | IommuException e) {
      throw new ControlException(
          ControlException.Kind.FAILED,
          "IOMMU %s of machine %s does not come up: %s".formatted(kind, machine, e.getMessage()),
          e);
    }
    return handover;
  }
}
