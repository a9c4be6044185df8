package aperture.testkit;

import aperture.access.AddressSpace;
import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.FaultLog;
import aperture.core.internal.dma.GuestPages;
import aperture.core.internal.dma.Handover;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.dma.DmaException;
import aperture.dma.DmaFault;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuException;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.ReservedRange;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A machine for tests: the real engine around one behaviour, without devices. The test plays the
 * driver through {@link #driver} and the device through {@link #translate}.
 */
public final class TestMachine implements AutoCloseable {

  private static final AtomicLong ORDER = new AtomicLong();

  private final GuestMemory memory;
  private final GuestPages pages;
  private final FaultLog faults = new FaultLog();
  private final SwapLog swaps = new SwapLog();
  private final Handover handover;
  private final List<EndpointDma> endpoints = new ArrayList<>();

  /** What a device's access came to: where each byte lies, or a fault. */
  public record Translation(List<Piece> pieces, Optional<DmaFault> fault) {

    /** Guest-physical address of the first byte. */
    public long gpa() {
      return pieces.get(0).gpa();
    }

    public boolean ok() {
      return fault.isEmpty();
    }
  }

  /** A piece of memory. */
  public record Piece(long gpa, long length) {}

  private TestMachine(
      GuestMemory memory, IommuBehavior behavior, MachineRow row, Map<String, String> options)
      throws AttachRefusedException, IommuException {
    this.memory = memory;
    this.pages = new GuestPages(memory);
    List<MemoryRange> reserved = row.reserved().stream().map(ReservedRange::range).toList();
    this.handover =
        new Handover(
            new IommuUnit("test", behavior.kind(), options, memory, pages, reserved, faults),
            swaps);
    handover.initialize(supplier(behavior, 0));
  }

  /** A machine of a row with {@code size} bytes of memory, its IOMMU brought up. */
  public static TestMachine create(IommuBehavior behavior, MachineRow row, long size)
      throws AttachRefusedException, IommuException {
    return create(behavior, row, size, Map.of());
  }

  /** As above, with options of the IOMMU. */
  public static TestMachine create(
      IommuBehavior behavior, MachineRow row, long size, Map<String, String> options)
      throws AttachRefusedException, IommuException {
    List<MemoryRange> ranges = new ArrayList<>();
    long left = size;
    for (RamSlot slot : row.ram()) {
      if (left > 0) {
        long here = Math.min(left, slot.capacity());
        ranges.add(new MemoryRange(slot.base(), here));
        left -= here;
      }
    }
    try {
      return new TestMachine(GuestMemory.allocate(ranges), behavior, row, options);
    } catch (IOException e) {
      throw new IllegalStateException("no memory for a test machine", e);
    }
  }

  private static Supplier<IommuBehavior> supplier(IommuBehavior behavior, int ranking) {
    return new Supplier<>(
        behavior, behavior.kind(), "", "test", List.of(1, 0, 0), ranking, ORDER.incrementAndGet());
  }

  public GuestMemory memory() {
    return memory;
  }

  public GuestPages pages() {
    return pages;
  }

  public FaultLog faults() {
    return faults;
  }

  public IommuUnit unit() {
    return handover.unit();
  }

  public SwapLog swaps() {
    return swaps;
  }

  /** Adds a device at bus 0, device {@code index + 1}, using bus addresses. */
  public EndpointDma addEndpoint() throws DmaException {
    int index = endpoints.size();
    EndpointDma face =
        new EndpointDma(Endpoint.pci(index, 0, index + 1, 0), memory, unit(), faults);
    unit().endpoints().add(face);
    face.select(AddressSpace.BUS);
    endpoints.add(face);
    return face;
  }

  /** As {@link #addEndpoint}, with the identity. */
  public EndpointDma addIdentityEndpoint() throws DmaException {
    EndpointDma face = addEndpoint();
    unit().endpoints().changeDomain(face.endpoint(), true);
    return face;
  }

  public DriverFace driver(EndpointDma face) {
    return new DriverFace(face.endpoint(), AddressSpace.BUS, memory, pages, unit());
  }

  /** Moves to another behaviour, as a hot swap does; false when it was refused. */
  public boolean swapTo(IommuBehavior behavior) {
    return handover.replace(supplier(behavior, 1));
  }

  /** Takes the behaviour away; returns the number of the swap. */
  public long revoke() {
    return handover.revoke();
  }

  /** Nobody came. */
  public void close(long swap) {
    handover.close(swap);
  }

  /** Forgets every cached translation, as after a guest edited its tables. */
  public void invalidateAll() {
    unit().invalidateAll();
  }

  /** One access of a device, in a batch of its own. */
  public Translation translate(DmaSession session, long iova, long length, Access access) {
    if (!session.begin()) {
      throw new IllegalStateException("the session may not translate now");
    }
    DmaRanges ranges = new DmaRanges();
    TranslateStatus status = session.translate(iova, length, access, ranges);
    session.hold();
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < ranges.count(); i++) {
      pieces.add(new Piece(memory.gpaOf(ranges.offset(i)), ranges.length(i)));
    }
    session.end();
    return new Translation(
        pieces, status == TranslateStatus.OK ? Optional.empty() : session.fault());
  }

  @Override
  public void close() {
    unit().shut("the test ends");
    memory.close();
  }
}
