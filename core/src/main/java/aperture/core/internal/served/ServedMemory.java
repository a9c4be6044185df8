package aperture.core.internal.served;

import aperture.access.AddressSpace;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.FaultLog;
import aperture.core.internal.dma.GuestPages;
import aperture.core.internal.dma.Handover;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import java.util.List;
import java.util.Optional;

/** A driver's memory and what translates in front of it: replaced as a whole, never changed. */
final class ServedMemory {

  private static final String CARRIER = "carrier";

  private final EndpointDma dma;

  private ServedMemory(EndpointDma dma) {
    this.dma = dma;
  }

  /** Addresses are guest-physical. */
  static ServedMemory physical(GuestMemory memory, FaultLog faults) {
    EndpointDma dma = new EndpointDma(endpoint(), memory, null, faults);
    dma.select(AddressSpace.PHYSICAL);
    return new ServedMemory(dma);
  }

  /** Addresses go through an IOMMU whose tables somebody else owns. */
  static ServedMemory translated(
      String device, GuestMemory memory, IommuBehavior iommu, FaultLog faults) {
    IommuUnit unit =
        new IommuUnit(device, iommu.kind(), memory, new GuestPages(memory), List.of(), faults);
    EndpointDma dma = new EndpointDma(endpoint(), memory, unit, faults);
    // No registry knows this behaviour: it belongs to the carrier and goes with the device, so it
    // is never swapped.
    Supplier<IommuBehavior> supplier =
        new Supplier<>(iommu, iommu.kind(), "", CARRIER, List.of(0, 0, 0), 0, 0);
    try {
      unit.endpoints().addForeign(dma);
      new Handover(unit, new SwapLog()).initialize(supplier);
    } catch (AttachRefusedException | IommuException e) {
      throw new IllegalStateException(
          "IOMMU %s of %s does not come up: %s".formatted(iommu.kind(), device, e.getMessage()), e);
    }
    dma.select(AddressSpace.BUS);
    return new ServedMemory(dma);
  }

  static ServedMemory of(
      String device, GuestMemory memory, Optional<IommuBehavior> iommu, FaultLog faults) {
    return iommu.isPresent()
        ? translated(device, memory, iommu.get(), faults)
        : physical(memory, faults);
  }

  private static Endpoint endpoint() {
    return Endpoint.pci(0, 0, 0, 0);
  }

  EndpointDma dma() {
    return dma;
  }
}
