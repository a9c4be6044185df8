package aperture.dma;

import aperture.access.AddressSpace;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The driver face of one endpoint: the DMA API of a guest kernel. A driver gets every ring and
 * buffer address here.
 *
 * <p>In the bus address space behind an IOMMU the addresses are IOVAs; without an IOMMU, or in the
 * physical space, they are guest-physical. While a swap is under way, calls wait; when no behaviour
 * arrives in the grace period they fail.
 *
 * <p>Thread-safe.
 */
@ProviderType
public interface DriverDma {

  /** Which space the addresses belong to. */
  AddressSpace space();

  /** Whether an IOMMU translates the addresses that this face hands out. */
  boolean translated();

  /**
   * Limits the addresses that the device can express.
   *
   * @param mask for example {@code 0xffffffffL} for 32 bits; low bits all set
   * @throws DmaException when the platform cannot serve it at all
   */
  void setAddressMask(long mask) throws DmaException;

  long addressMask();

  /**
   * Memory for data, not yet mapped.
   *
   * @param size bytes, at least 1; the buffer starts on a page
   * @throws DmaException when the guest's memory is used up
   */
  GuestBuffer allocate(long size) throws DmaException;

  /** Gives back what {@link #allocate} gave; it must not be mapped. */
  void free(GuestBuffer buffer);

  /**
   * Memory that both sides use at once, mapped in both directions.
   *
   * @param size bytes, at least 1; starts on a page, zeroed
   */
  CoherentBuffer allocateCoherent(long size) throws DmaException;

  /** Unmaps and gives back. */
  void freeCoherent(CoherentBuffer buffer);

  /**
   * Maps a range of guest memory for the device.
   *
   * @param gpa first byte; any alignment, the pages that it touches become reachable
   * @param length bytes, at least 1
   * @return the device address of that first byte
   * @throws DmaException when the aperture or the address mask leaves no room
   */
  long map(long gpa, long length, Direction direction) throws DmaException;

  /**
   * Ends a mapping. When it returns, the device does not reach the memory any more.
   *
   * @param address as {@link #map} returned it
   * @param length as given to {@link #map}
   * @throws DmaException when there is no such mapping; nothing happens then
   */
  void unmap(long address, long length) throws DmaException;

  /**
   * Maps a list; contiguous pieces merge when an IOMMU makes them contiguous for the device.
   *
   * @throws DmaException when it does not fit; nothing stays mapped then
   */
  void mapAll(ScatterList list, Direction direction) throws DmaException;

  /** Ends the mapping of a list that {@link #mapAll} mapped. */
  void unmapAll(ScatterList list) throws DmaException;

  /** Makes what the device wrote visible to the processor; the mapping stays. */
  void syncForCpu(long address, long length);

  /** Makes what the processor wrote visible to the device; the mapping stays. */
  void syncForDevice(long address, long length);
}
