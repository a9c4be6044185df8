package aperture.core.internal.dma;

/** A device behind an IOMMU, as a hot swap sees it. */
public interface SwapParticipant {

  /** Index of its endpoint. */
  int endpointIndex();

  /** The right to translate is revoked: notifications from now on are remembered. */
  void revoked();

  /**
   * The right is granted again.
   *
   * @return notifications that came meanwhile and are delivered now
   */
  long granted();

  /** Nobody came, or the endpoint was cut off: the device must be reset. */
  void closed(String reason);
}
