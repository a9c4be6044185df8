package aperture.core.internal.machine;

import aperture.access.AddressSpace;
import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.FaultLog;
import aperture.core.internal.dma.GuestPages;
import aperture.core.internal.dma.Handover;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.Route;
import aperture.dma.DmaException;
import aperture.iommu.Endpoint;
import aperture.machine.MachineRow;
import aperture.machine.RowProperty;
import aperture.memory.GuestMemory;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A machine: memory, and an IOMMU where it has one. Its devices are kept elsewhere. */
public final class RunningMachine implements AutoCloseable {

  private static final int FIRST_DEVICE = 1 << 3;
  private static final int DEVICE_STEP = 1 << 3;
  private static final int LAST_REQUESTER = 0xffff;

  private final String name;
  private final RowCopy type;
  private final GuestMemory memory;
  private final GuestPages pages;
  private final FaultLog faults;
  private final @Nullable Handover handover;
  private final Fabric fabric;
  private final BitSet slots = new BitSet();

  /**
   * @param handover the IOMMU, already brought up; null for a machine without
   * @param fabric how its devices are connected
   */
  RunningMachine(
      String name,
      RowCopy type,
      GuestMemory memory,
      GuestPages pages,
      FaultLog faults,
      @Nullable Handover handover,
      Fabric fabric) {
    this.name = name;
    this.type = type;
    this.memory = memory;
    this.pages = pages;
    this.faults = faults;
    this.handover = handover;
    this.fabric = fabric;
  }

  public String name() {
    return name;
  }

  public MachineRow row() {
    return type.row();
  }

  public String arch() {
    return type.arch();
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

  public Optional<Handover> handover() {
    return Optional.ofNullable(handover);
  }

  public Optional<IommuUnit> unit() {
    return handover().map(Handover::unit);
  }

  private @Nullable IommuUnit unitOrNull() {
    return handover == null ? null : handover.unit();
  }

  /** How its devices are connected. */
  public Fabric fabric() {
    return fabric;
  }

  /** Whether the platform describes an IOMMU in front of a device: one that protects memory. */
  public boolean describesIommu(Route route) {
    return route != Route.EXCLUDED && unit().map(IommuUnit::protects).orElse(false);
  }

  /**
   * Gives the next device its identity on the fabric.
   *
   * @param route whether it is behind the IOMMU
   * @throws DmaException when there are no more identities, or the IOMMU cannot express it
   */
  public synchronized EndpointDma newEndpoint(Route route) throws DmaException {
    int first =
        row().property(RowProperty.FIRST_REQUESTER_ID).map(Integer::parseInt).orElse(FIRST_DEVICE);
    int index = slots.nextClearBit(0);
    int requester = first + index * DEVICE_STEP;
    if (requester > LAST_REQUESTER) {
      throw new DmaException("machine %s has no requester id left".formatted(name));
    }
    Endpoint endpoint = Endpoint.pci(index, requester >>> 8, requester >>> 3 & 0x1f, requester & 7);
    IommuUnit unit = unitOrNull();
    EndpointDma face = new EndpointDma(endpoint, memory, unit, route, faults);
    if (unit != null && route == Route.EXCLUDED) {
      unit.endpoints().exclude(endpoint);
    } else if (unit != null) {
      unit.endpoints().add(face, fabric.identity());
    }
    slots.set(index);
    faults.forget(endpoint);
    return face;
  }

  /** Takes a device off the fabric; the next one takes its slot, as on a real bus. */
  public synchronized void removeEndpoint(EndpointDma face) {
    IommuUnit unit = unitOrNull();
    if (unit != null && face.route() != Route.EXCLUDED) {
      unit.endpoints().remove(face);
    }
    slots.clear(face.endpoint().index());
  }

  /** The driver face of an endpoint. */
  public DriverFace driverFace(EndpointDma face, AddressSpace space) {
    IommuUnit unit = face.route() == Route.EXCLUDED ? null : unitOrNull();
    return new DriverFace(face.endpoint(), space, memory, pages, unit);
  }

  @Override
  public void close() {
    // Whoever still waits to flush must not find the memory gone.
    unit().ifPresent(unit -> unit.shut("the machine ends"));
    memory.close();
  }
}
