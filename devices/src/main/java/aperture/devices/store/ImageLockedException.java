package aperture.devices.store;

import java.io.IOException;
import java.nio.file.Path;

/** Another device, here or in another process, uses the image. */
final class ImageLockedException extends IOException {

  private static final long serialVersionUID = 1L;

  ImageLockedException(Path path) {
    super("image " + path + " is in use");
  }
}
