package aperture.admin;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Machine types and machines. Thread-safe. */
@ProviderType
public interface MachineControl {

  /** All rows of all families present, sorted by family and version. */
  List<MachineType> types();

  /**
   * Creates a machine.
   *
   * @throws ControlException for a wrong name, type, size or IOMMU; nothing is left behind
   */
  MachineInfo create(MachineSpec spec) throws ControlException;

  List<MachineInfo> list();

  MachineInfo show(String name) throws ControlException;

  /** Ends the machine: drivers unbound, devices removed, memory given back. */
  void destroy(String name) throws ControlException;
}
