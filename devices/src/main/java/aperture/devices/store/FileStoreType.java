package aperture.devices.store;

import aperture.block.BlockStore;
import aperture.block.BlockStoreType;
import aperture.block.StoreSettings;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** The store {@code file}: raw image files. */
@Component(property = BlockStoreType.NAME_PROPERTY + "=" + FileStoreType.NAME)
public final class FileStoreType implements BlockStoreType {

  /** Its word, and what a disk is on when nothing else is said. */
  public static final String NAME = "file";

  private static final String FILE = "file";
  private static final List<DeviceOption> OPTIONS =
      List.of(
          new DeviceOption(
              FILE,
              "raw image file, its size a multiple of the block size",
              true,
              false,
              List.of()));

  private final OpenImages images = new OpenImages();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "raw image file";
  }

  @Override
  public List<DeviceOption> options() {
    return OPTIONS;
  }

  @Override
  public BlockStore open(StoreSettings settings) throws DeviceConfigurationException {
    String file = settings.option(FILE).orElse("");
    if (file.isEmpty()) {
      throw new DeviceConfigurationException("--file is missing: name the raw image file");
    }
    try {
      return new FileStore(images.open(Path.of(file), settings.readOnly(), settings.user()));
    } catch (InvalidPathException e) {
      throw new DeviceConfigurationException(
          "--file %s is no path: %s".formatted(file, e.getReason()), e);
    }
  }
}
