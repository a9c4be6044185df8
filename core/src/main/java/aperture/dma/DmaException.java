package aperture.dma;

/** The driver face could not map; nothing was mapped. The message says why. */
public final class DmaException extends Exception {

  private static final long serialVersionUID = 1L;

  public DmaException(String message) {
    super(message);
  }

  public DmaException(String message, Throwable cause) {
    super(message, cause);
  }
}
