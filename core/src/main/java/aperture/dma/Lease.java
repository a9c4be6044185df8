package aperture.dma;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The revocable right to use translated ranges beyond the end of a batch, for asynchronous I/O. An
 * invalidation or a swap that overlaps waits for its release. Thread-safe.
 */
@ProviderType
public interface Lease extends AutoCloseable {

  /** Whether somebody waits for the release. */
  boolean revoked();

  /** Releases; later calls do nothing. */
  @Override
  void close();
}
