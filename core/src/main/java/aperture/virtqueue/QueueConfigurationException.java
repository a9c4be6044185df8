package aperture.virtqueue;

/** A queue cannot be activated as configured; the message names the field and its value. */
public final class QueueConfigurationException extends Exception {

  private static final long serialVersionUID = 1L;

  public QueueConfigurationException(String message) {
    super(message);
  }
}
