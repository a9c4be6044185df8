package aperture.devices.store;

import aperture.virtio.DeviceConfigurationException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The images in use by the devices of this process. Thread-safe.
 *
 * <p>The host drops all locks of a process on a file when the process closes any descriptor of it,
 * so a file is never opened twice: devices that only read share one open image, and a refused
 * device opens nothing.
 */
final class OpenImages {

  private static final class Entry {
    final ImageFile image;
    final String firstUser;
    int users = 1;

    Entry(ImageFile image, String firstUser) {
      this.image = image;
      this.firstUser = firstUser;
    }
  }

  /** A device's hold on an image. */
  final class Hold implements AutoCloseable {

    private final Object identity;
    private final ImageFile image;
    private boolean released;

    private Hold(Object identity, ImageFile image) {
      this.identity = identity;
      this.image = image;
    }

    ImageFile image() {
      return image;
    }

    @Override
    public void close() {
      release(this);
    }
  }

  private final Map<Object, Entry> entries = new HashMap<>();

  /**
   * Opens an image for a device.
   *
   * @param user the device's name
   * @throws DeviceConfigurationException naming the file and the cure
   */
  synchronized Hold open(Path path, boolean readOnly, String user)
      throws DeviceConfigurationException {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new DeviceConfigurationException(
          "--file %s is %s: name a raw image file"
              .formatted(path, Files.isDirectory(path) ? "a directory" : "no regular file"));
    }
    try {
      Object identity = ImageFile.identity(path);
      Entry entry = entries.get(identity);
      if (entry == null) {
        entry = new Entry(ImageFile.open(path, readOnly), user);
        entries.put(identity, entry);
      } else if (readOnly && entry.image.readOnly()) {
        entry.users++;
      } else {
        throw new DeviceConfigurationException(
            "--file %s is in use by device %s%s: remove that device, or take a copy"
                .formatted(path, entry.firstUser, entry.image.readOnly() ? " for reading" : ""));
      }
      return new Hold(identity, entry.image);
    } catch (IOException e) {
      throw new DeviceConfigurationException(explain(path, readOnly, e), e);
    }
  }

  private static String explain(Path path, boolean readOnly, IOException e) {
    return switch (e) {
      case NoSuchFileException missing ->
          "--file %s does not exist: create it, or name another".formatted(path);
      case AccessDeniedException denied ->
          readOnly || !Files.isReadable(path)
              ? "--file %s may not be read: check its permissions".formatted(path)
              : "--file %s may not be written: check its permissions, or add --read-only"
                  .formatted(path);
      case ImageLockedException locked ->
          "--file %s is in use by another program: stop that, or take a copy".formatted(path);
      default -> "--file %s cannot be opened: %s".formatted(path, e.getMessage());
    };
  }

  private synchronized void release(Hold hold) {
    if (hold.released) {
      return;
    }
    hold.released = true;
    Entry entry = entries.get(hold.identity);
    if (entry != null && --entry.users == 0) {
      entries.remove(hold.identity);
      entry.image.close();
    }
  }
}
