package aperture.virtio;

/** A device cannot be made as asked; the message names the option, its value and the cure. */
public final class DeviceConfigurationException extends Exception {

  private static final long serialVersionUID = 1L;

  public DeviceConfigurationException(String message) {
    super(message);
  }

  public DeviceConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }
}
