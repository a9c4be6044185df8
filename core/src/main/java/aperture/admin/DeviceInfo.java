package aperture.admin;

import java.util.List;
import java.util.Map;

/**
 * A device.
 *
 * @param id its name
 * @param machine its machine
 * @param type device type
 * @param endpoint its identity on the DMA fabric
 * @param status status register, by names
 * @param offer {@code on} or {@code off}
 * @param strict {@code on} or {@code off}
 * @param accepted whether the driver accepted bit 33: {@code yes}, {@code no} or {@code undecided}
 * @param addresses address space in use: {@code bus}, {@code physical} or {@code undecided}
 * @param pathMode path mode letter and meaning
 * @param driver driver kind and state, empty when unbound
 * @param features features offered or accepted
 * @param queues its queues
 * @param details facts from the device type
 */
public record DeviceInfo(
    String id,
    String machine,
    String type,
    String endpoint,
    String status,
    String offer,
    String strict,
    String accepted,
    String addresses,
    String pathMode,
    String driver,
    List<FeatureInfo> features,
    List<QueueInfo> queues,
    Map<String, String> details) {}
