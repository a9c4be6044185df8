package aperture.devices.rng;

import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import aperture.virtio.DeviceSettings;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Component;

/** The type {@code rng}: entropy devices. */
@Component(property = VirtioDeviceType.NAME_PROPERTY + "=" + RngDeviceType.NAME)
public final class RngDeviceType implements VirtioDeviceType {

  static final String NAME = "rng";

  private static final int DEVICE_ID = 4;

  /** Never waits for the host's entropy pool; not every host has it. */
  private static final String NON_BLOCKING = "NativePRNGNonBlocking";

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
    return "entropy device: random bytes from the host";
  }

  @Override
  public List<DeviceOption> options() {
    return RngOptions.DESCRIPTIONS;
  }

  @Override
  public VirtioDevice create(DeviceSettings settings) throws DeviceConfigurationException {
    RngOptions options = RngOptions.parse(settings);
    return new RngDevice(
        random(),
        options,
        EntropyBudget.of(
            options.maxBytes(), TimeUnit.MILLISECONDS.toNanos(options.periodMillis())));
  }

  private static SecureRandom random() {
    try {
      return SecureRandom.getInstance(NON_BLOCKING);
    } catch (NoSuchAlgorithmException e) {
      return new SecureRandom();
    }
  }
}
