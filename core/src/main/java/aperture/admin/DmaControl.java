package aperture.admin;

import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.IommuSnapshot;
import aperture.iommu.MappedRegister;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Translation, seen from outside. Thread-safe. */
@ProviderType
public interface DmaControl {

  /** Explains a range as a device sees it; changes nothing. */
  TranslationReport translate(String device, long iova, long length, Access access)
      throws ControlException;

  /** Live mappings of all machines. */
  List<MappingInfo> mappings();

  /** Faults of all machines, oldest first. */
  List<FaultInfo> faults();

  /**
   * Asks the hardware half of a kind every recorded question about a captured state.
   *
   * @param limit most disagreements to keep
   * @throws ControlException when nobody supplies the kind, or the state needs a structure that the
   *     kind's supplier does not model; the message names it
   */
  ReplayReport replay(IommuSnapshot snapshot, List<ReplayQuestion> questions, int limit)
      throws ControlException;

  /**
   * Completes a state by the pages that walks of the questions read, and of address 0 of each
   * endpoint. Only the walks decide which those are; a page that the source does not have stays
   * missing.
   *
   * @param state registers, endpoints and guest memory ranges, perhaps pages
   * @throws ControlException when nobody supplies the kind, the state needs what its supplier does
   *     not model, the pages are too many, or the source fails
   */
  IommuSnapshot complete(IommuSnapshot state, List<ReplayQuestion> questions, PageSource source)
      throws ControlException;

  /**
   * Explains a range as an endpoint of a captured state sees it.
   *
   * @throws ControlException when nobody supplies the kind, or there is no such endpoint
   */
  TranslationReport translate(
      IommuSnapshot snapshot, String endpoint, long iova, long length, Access access)
      throws ControlException;

  /**
   * Where a processor reads the registers of a kind.
   *
   * @param machineType name of the machine type
   * @throws ControlException when nobody supplies the kind, or it has no registers to read there
   */
  List<MappedRegister> registers(String kind, String machineType) throws ControlException;

  /** The present state of a machine's IOMMU, with every page that its endpoints' walks read. */
  IommuSnapshot snapshot(String machine) throws ControlException;
}
