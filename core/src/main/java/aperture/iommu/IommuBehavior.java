package aperture.iommu;

import java.util.List;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One IOMMU kind, supplied by an architecture bundle as a service with the property {@link
 * #KIND_PROPERTY}. Stateless: everything a machine needs is in the instance and in core's state.
 */
@ConsumerType
public interface IommuBehavior {

  /** Service property with {@link #kind()}: a String. */
  String KIND_PROPERTY = "iommu.kind";

  /** The word for this kind in captures, options and output. */
  String kind();

  /**
   * Version of the layout of the state (register names, platform tables, table format). State of an
   * equal version is taken over as it stands; otherwise the newcomer attaches to cleared registers
   * and tables and an empty ledger, and its table driver is asked to initialize, to attach every
   * endpoint and to map every live mapping at its IOVA.
   */
  int stateVersion();

  IommuCapabilities capabilities();

  /**
   * Names of the options that it takes, {@link IommuState#options()}. Core gives it no others. What
   * a value may be, {@link #attach} decides.
   */
  default Set<String> options() {
    return Set.of();
  }

  /**
   * Attaches to a machine's state: fresh, in use, or replayed from a snapshot. Reads what it needs
   * and changes nothing, so that a refused newcomer leaves no trace.
   *
   * @throws AttachRefusedException when the state needs what this behaviour does not supply; the
   *     message names it
   */
  IommuInstance attach(IommuState state) throws AttachRefusedException;

  /**
   * The registers that a state is made of, and where a processor of such a machine reads them: what
   * a capture of a machine that runs elsewhere asks for. Reading one changes nothing.
   *
   * @param machineType name of the machine type, as {@code MachineRow.type()}; perhaps of a version
   *     that no row describes
   * @return empty where they cannot be read so: the kind has none, or it is not known where they
   *     lie
   */
  default List<MappedRegister> mappedRegisters(String machineType) {
    return List.of();
  }
}
