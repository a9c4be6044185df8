package aperture.admin;

import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.IommuSnapshot;
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

  /** The present state of a machine's IOMMU, with every page that its endpoints' walks read. */
  IommuSnapshot snapshot(String machine) throws ControlException;
}
