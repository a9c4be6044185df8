package aperture.served;

import aperture.admin.QueueInfo;
import java.util.List;
import java.util.Map;

/**
 * What a served device did, for people.
 *
 * @param queues its queues
 * @param iotlbHits translations found in the cache, since the memory was attached
 * @param iotlbMisses translations that had to be asked for
 * @param iotlbEntries translations cached now
 * @param invalidations invalidations carried out
 * @param broken why the device stopped, empty when it did not
 * @param details the device type's own facts, by name
 */
public record ServedStats(
    List<QueueInfo> queues,
    long iotlbHits,
    long iotlbMisses,
    long iotlbEntries,
    long invalidations,
    String broken,
    Map<String, String> details) {}
