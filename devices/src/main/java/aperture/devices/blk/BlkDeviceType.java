package aperture.devices.blk;

import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import aperture.virtio.DeviceSettings;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** The type {@code blk}: block devices on raw images. */
@Component(property = VirtioDeviceType.NAME_PROPERTY + "=" + BlkDeviceType.NAME)
public final class BlkDeviceType implements VirtioDeviceType {

  static final String NAME = "blk";

  private static final int DEVICE_ID = 2;

  private final OpenImages images = new OpenImages();

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
    return "block device on a raw image file";
  }

  @Override
  public List<DeviceOption> options() {
    return BlkOptions.DESCRIPTIONS;
  }

  @Override
  public VirtioDevice create(DeviceSettings settings) throws DeviceConfigurationException {
    BlkOptions options = BlkOptions.parse(settings);
    OpenImages.Hold hold = images.open(options.file(), options.readOnly(), settings.id());
    try {
      checkSize(options, hold.image().size());
      return new BlkDevice(settings.id(), options, hold);
    } catch (DeviceConfigurationException | RuntimeException e) {
      hold.close();
      throw e;
    }
  }

  private static void checkSize(BlkOptions options, long size) throws DeviceConfigurationException {
    if (size == 0) {
      throw new DeviceConfigurationException(
          "--file %s is empty: give it a size".formatted(options.file()));
    }
    if (size % options.blockSize() != 0) {
      throw new DeviceConfigurationException(
          "--file %s has %d bytes, no multiple of %d: append %d bytes"
              .formatted(
                  options.file(),
                  size,
                  options.blockSize(),
                  options.blockSize() - size % options.blockSize()));
    }
  }
}
