package aperture.iommu;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** A behaviour attached to one machine's state. */
@ConsumerType
public interface IommuInstance {

  IommuWalker walker();

  /** The operating-system half; empty where somebody else owns the tables. */
  Optional<IommuTableDriver> tableDriver();

  /**
   * Records a fault where this hardware records it (registers, a queue in memory). Called under the
   * lock of the machine's IOMMU, and only for faults that say {@link IommuFault#recorded()}.
   */
  void recordFault(Endpoint endpoint, IommuFault fault);

  /**
   * What software finds when it reads the hardware's fault records, oldest first; does not consume
   * them. Empty where the kind records none.
   */
  List<RecordedFault> recordedFaults();

  /**
   * Explains a raw value read by a walk.
   *
   * @param structure name noted with {@link WalkResult#step}
   * @param value raw value
   * @return its decoded fields, for people; empty when there is nothing to say
   */
  default String decode(String structure, long value) {
    return "";
  }
}
