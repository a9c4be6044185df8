package aperture.admin;

import aperture.virtio.DeviceOption;
import java.util.List;

/**
 * A device type present.
 *
 * @param name its word
 * @param deviceId virtio device id
 * @param summary one line
 * @param options its options
 */
public record DeviceTypeInfo(
    String name, int deviceId, String summary, List<DeviceOption> options) {}
