package aperture.iommu;

/** A behaviour cannot serve the state it was given; the message says why. */
public final class AttachRefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  public AttachRefusedException(String message) {
    super(message);
  }
}
