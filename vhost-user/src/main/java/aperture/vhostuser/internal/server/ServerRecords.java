package aperture.vhostuser.internal.server;

import aperture.admin.FeatureInfo;
import aperture.served.ServedStats;
import aperture.vhostuser.VhostIotlbInfo;
import aperture.vhostuser.VhostServerDetails;
import aperture.vhostuser.VhostServerInfo;
import aperture.vhostuser.internal.iotlb.IotlbCounters;
import aperture.vhostuser.internal.session.Session;
import aperture.vhostuser.internal.wire.ProtocolFeature;
import aperture.vhostuser.internal.wire.ProtocolFeatures;
import aperture.virtio.FeatureSet;
import aperture.virtio.NamedFeature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Servers, for people. */
final class ServerRecords {

  private ServerRecords() {}

  static VhostServerInfo info(VhostServer server) {
    return new VhostServerInfo(
        server.device().id(),
        server.type(),
        server.socket(),
        server.device().queues(),
        state(server, server.device().stats()),
        server.device().decision().offer().on(),
        server.device().decision().offer().provenance(),
        server.connections());
  }

  private static String state(VhostServer server, ServedStats stats) {
    if (server.session() == null) {
      return "listening";
    }
    if (!stats.broken().isEmpty()) {
      return "broken";
    }
    boolean running = stats.queues().stream().anyMatch(queue -> queue.size() > 0);
    return running ? "running" : "connected";
  }

  static VhostServerDetails details(VhostServer server) {
    Session session = server.session();
    ServedStats stats = server.device().stats();
    return new VhostServerDetails(
        info(server),
        features(server, session == null ? FeatureSet.NONE : session.acked()),
        protocol(session == null ? ProtocolFeatures.NONE : session.protocol()),
        stats.queues(),
        iotlb(stats, server.iotlb()),
        stats.broken(),
        stats.details());
  }

  private static List<FeatureInfo> features(VhostServer server, FeatureSet acked) {
    List<FeatureInfo> infos = new ArrayList<>();
    FeatureSet offered = server.device().offered();
    for (int bit : offered.plus(acked).bits()) {
      NamedFeature feature = server.device().feature(bit);
      infos.add(
          new FeatureInfo(
              bit, feature.name(), feature.meaning(), offered.has(bit), acked.has(bit)));
    }
    return infos;
  }

  private static List<FeatureInfo> protocol(ProtocolFeatures agreed) {
    return Arrays.stream(ProtocolFeature.values())
        .filter(feature -> feature.offered() || agreed.has(feature))
        .map(feature ->
            new FeatureInfo(
                feature.bit(),
                feature.name(),
                feature.meaning(),
                feature.offered(),
                agreed.has(feature)))
        .toList();
  }

  private static VhostIotlbInfo iotlb(ServedStats stats, IotlbCounters counters) {
    return new VhostIotlbInfo(
        stats.iotlbHits(),
        counters.misses(),
        counters.refused(),
        counters.updates(),
        counters.invalidations(),
        counters.entries(),
        mean(counters.missNanos(), counters.misses()),
        TimeUnit.NANOSECONDS.toMicros(counters.missMaxNanos()),
        mean(counters.invalidationNanos(), counters.invalidations()),
        TimeUnit.NANOSECONDS.toMicros(counters.invalidationMaxNanos()),
        counters.audited(),
        counters.stale());
  }

  private static long mean(long nanos, long count) {
    return count == 0 ? 0 : TimeUnit.NANOSECONDS.toMicros(nanos / count);
  }
}
