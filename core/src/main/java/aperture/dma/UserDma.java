package aperture.dma;

import org.osgi.annotation.versioning.ProviderType;

/**
 * An endpoint in the hands of a program outside the guest's kernel: the IOMMU translates, whatever
 * it did for the kernel, and the program chooses the IOVAs. Thread-safe.
 */
@ProviderType
public interface UserDma extends DriverDma {

  /**
   * Maps a range of guest memory where the program wants it.
   *
   * @param iova device address of the first byte; it lies as far into its page as {@code gpa} does
   * @param gpa first byte; the pages that the range touches become reachable
   * @param length bytes, at least 1
   * @throws DmaException when the IOMMU cannot express the address, or something is mapped there
   */
  void mapAt(long iova, long gpa, long length, Direction direction) throws DmaException;
}
