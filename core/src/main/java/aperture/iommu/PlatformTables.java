package aperture.iommu;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The tables that a platform keeps for its IOMMU outside guest memory. Thread-safe. */
@ProviderType
public interface PlatformTables {

  List<PlatformTable> all();

  Optional<PlatformTable> find(long id);

  /**
   * Makes a table of zeroes.
   *
   * @param entries at most 2^31
   * @throws IllegalArgumentException when the id is taken or the size is out of range
   */
  PlatformTable create(long id, long entries, Map<String, Long> attributes);

  void remove(long id);

  /** Changes with every create and remove; a volatile read. */
  int generation();
}
