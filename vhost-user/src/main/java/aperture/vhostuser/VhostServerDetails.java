package aperture.vhostuser;

import aperture.admin.FeatureInfo;
import aperture.admin.QueueInfo;
import java.util.List;
import java.util.Map;

/**
 * A server, with all there is to know.
 *
 * @param server what it is
 * @param features features that the front end acked
 * @param protocolFeatures protocol features agreed upon
 * @param queues the queues
 * @param iotlb translations: found, asked for, ended
 * @param broken why the device stopped, empty when it did not
 * @param details the device type's own facts, by name
 */
public record VhostServerDetails(
    VhostServerInfo server,
    List<FeatureInfo> features,
    List<FeatureInfo> protocolFeatures,
    List<QueueInfo> queues,
    VhostIotlbInfo iotlb,
    String broken,
    Map<String, String> details) {}
