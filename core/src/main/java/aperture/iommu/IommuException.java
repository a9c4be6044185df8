package aperture.iommu;

/** A table driver could not do what it was asked, and changed nothing. */
public final class IommuException extends Exception {

  private static final long serialVersionUID = 1L;

  public IommuException(String message) {
    super(message);
  }
}
