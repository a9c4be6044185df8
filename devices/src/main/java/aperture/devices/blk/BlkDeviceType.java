package aperture.devices.blk;

import aperture.block.BlockStore;
import aperture.block.BlockStoreType;
import aperture.devices.store.FileStoreType;
import aperture.devices.store.MemoryStoreType;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import aperture.virtio.DeviceSettings;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.FieldOption;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The type {@code blk}: block devices on stores. */
@Component(
    service = VirtioDeviceType.class,
    property = VirtioDeviceType.NAME_PROPERTY + "=" + BlkDeviceType.NAME)
public final class BlkDeviceType implements VirtioDeviceType {

  static final String NAME = "blk";

  private static final int DEVICE_ID = 2;

  /** Replaced as services come and go; on a plain class path it stays as it was made. */
  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      fieldOption = FieldOption.REPLACE)
  private volatile List<BlockStoreType> stores;

  /** Knows the stores of this bundle. */
  public BlkDeviceType() {
    this(List.of(new FileStoreType(), new MemoryStoreType()));
  }

  /**
   * A type on a plain class path.
   *
   * @param stores what bytes may come from
   */
  public BlkDeviceType(List<BlockStoreType> stores) {
    this.stores = List.copyOf(stores);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int deviceId() {
    return DEVICE_ID;
  }

  @Override
  public String summary() {
    return "block device on a file, memory or another store";
  }

  @Override
  public List<DeviceOption> options() {
    return Stream.concat(
            new StoreChoice(stores).options(BlkOptions.NAMES).stream(),
            BlkOptions.DESCRIPTIONS.stream())
        .toList();
  }

  @Override
  public VirtioDevice create(DeviceSettings settings) throws DeviceConfigurationException {
    BlkOptions options = BlkOptions.parse(settings);
    BlockStore store = new StoreChoice(stores).open(settings, BlkOptions.NAMES, options.readOnly());
    try {
      checkSize(options, store);
      return new BlkDevice(settings.id(), options, store);
    } catch (DeviceConfigurationException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static void checkSize(BlkOptions options, BlockStore store)
      throws DeviceConfigurationException {
    long size = store.capacity();
    if (size <= 0) {
      throw new DeviceConfigurationException(
          "%s is empty: give it a size".formatted(store.describe()));
    }
    if (size % options.blockSize() != 0) {
      throw new DeviceConfigurationException(
          "%s has %d bytes, no multiple of %d: append %d bytes"
              .formatted(
                  store.describe(),
                  size,
                  options.blockSize(),
                  options.blockSize() - size % options.blockSize()));
    }
  }
}
