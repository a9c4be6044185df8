package tern.store;

import aperture.block.BlockStore;
import aperture.block.BlockStoreType;
import aperture.block.StoreSettings;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** The store {@code packed}. */
@Component(property = BlockStoreType.NAME_PROPERTY + "=packed")
public final class PackedStoreType implements BlockStoreType {

  private static final String MEBIBYTES = "mebibytes";
  private static final String LEVEL = "level";
  private static final long MOST_MEBIBYTES = 1024;

  @Override
  public String name() {
    return "packed";
  }

  @Override
  public String summary() {
    return "memory, packed";
  }

  @Override
  public List<DeviceOption> options() {
    return List.of(
        new DeviceOption(MEBIBYTES, "size of the disk", true, false, List.of()),
        new DeviceOption(LEVEL, "how hard to pack", false, false, List.of("fast", "small")));
  }

  @Override
  public BlockStore open(StoreSettings settings) throws DeviceConfigurationException {
    String size = settings.option(MEBIBYTES).orElse("");
    if (!size.matches("[1-9][0-9]{0,3}") || Long.parseLong(size) > MOST_MEBIBYTES) {
      throw new DeviceConfigurationException(
          "--mebibytes '%s': take 1 to %d".formatted(size, MOST_MEBIBYTES));
    }
    boolean small = settings.option(LEVEL).filter("small"::equals).isPresent();
    return new PackedStore(Long.parseLong(size) << 20, small, settings.readOnly());
  }
}
