package aperture.iommu;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A table that the platform keeps outside guest memory, in core's hands: 64-bit entries by index.
 * Entries start as 0 and cost memory only near ones that were set. Thread-safe for single entries.
 */
@ProviderType
public interface PlatformTable {

  /** What names the table on its machine. */
  long id();

  /** Numbers that describe it, opaque to core (offset, page shift, ...). */
  Map<String, Long> attributes();

  /** Number of entries. */
  long entries();

  /**
   * @param index 0 to {@link #entries()} - 1
   * @throws IndexOutOfBoundsException for another index
   */
  long get(long index);

  /**
   * @param index 0 to {@link #entries()} - 1
   * @throws IndexOutOfBoundsException for another index
   */
  void set(long index, long value);
}
