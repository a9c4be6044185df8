package aperture.iommu;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * All there is of one machine's IOMMU, owned by core and outliving every behaviour: registers,
 * guest memory, platform tables, endpoints, the ledger.
 */
@ProviderType
public interface IommuState {

  Registers registers();

  GuestMemory memory();

  PlatformTables tables();

  /** Pages for tables. Refuses everything for state that was replayed from a snapshot. */
  PageAllocator pages();

  /** The endpoints known now; {@link Endpoint#index()} is the place in the list. */
  List<Endpoint> endpoints();

  IommuInvalidator invalidator();

  MappingLedger ledger();

  /**
   * An answer has come that walks were pending for, good or bad: those who wait walk again. Never
   * blocks. Nobody waits for state that was replayed.
   */
  default void answered() {}

  /** IOVAs that must never be handed out, from the machine's row. */
  List<MemoryRange> reserved();

  /**
   * What the operator chose for this IOMMU beside its kind, by name; opaque to core and the same as
   * long as the machine lives. Only names that {@link IommuBehavior#options()} has.
   */
  default Map<String, String> options() {
    return Map.of();
  }
}
