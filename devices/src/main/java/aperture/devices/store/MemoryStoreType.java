package aperture.devices.store;

import aperture.block.BlockStore;
import aperture.block.BlockStoreType;
import aperture.block.StoreSettings;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** The store {@code memory}: disks that begin as zeroes and end with their device. */
@Component(property = BlockStoreType.NAME_PROPERTY + "=" + MemoryStoreType.NAME)
public final class MemoryStoreType implements BlockStoreType {

  static final String NAME = "memory";

  private static final String SIZE = "size";
  private static final List<DeviceOption> OPTIONS =
      List.of(
          new DeviceOption(
              SIZE,
              "bytes of a disk in memory, with K, M or G; what is never written takes none",
              true,
              false,
              List.of()));

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "memory, zeroes at first, gone with its device";
  }

  @Override
  public List<DeviceOption> options() {
    return OPTIONS;
  }

  @Override
  public BlockStore open(StoreSettings settings) throws DeviceConfigurationException {
    String size = settings.option(SIZE).orElse("");
    if (size.isEmpty()) {
      throw new DeviceConfigurationException("--size is missing: say how large, for example 64M");
    }
    return new MemoryStore(ByteSize.parse(SIZE, size, MemoryStore.LARGEST), settings.readOnly());
  }
}
