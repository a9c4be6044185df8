package aperture.dma;

/** How a translation ended. */
public enum TranslateStatus {
  /** The whole range is translated and appended. */
  OK,
  /** Nothing was appended; {@link DmaSession#fault()} says why. */
  FAULT,
  /**
   * The session waited for an answer from elsewhere and held nothing meanwhile: every translation
   * of this batch must be made again.
   */
  RESTART,
  /** The right to translate was revoked: end the batch and park. */
  REVOKED
}
