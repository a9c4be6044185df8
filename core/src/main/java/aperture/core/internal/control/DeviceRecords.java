package aperture.core.internal.control;

import aperture.access.AddressSpace;
import aperture.access.PathMode;
import aperture.access.Setting;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceStats;
import aperture.admin.FeatureInfo;
import aperture.admin.QueueInfo;
import aperture.core.internal.device.DeviceEngine;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.Route;
import aperture.virtio.DeviceStatus;
import aperture.virtio.DriverStatus;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestDriver;
import aperture.virtio.NamedFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Turns a device into records. */
final class DeviceRecords {

  private DeviceRecords() {}

  static DeviceInfo info(DeviceEntry entry) {
    DeviceEngine engine = entry.engine();
    return new DeviceInfo(
        entry.id(),
        entry.machine().name(),
        entry.type(),
        engine.dma().endpoint().id(),
        DeviceStatus.describe(engine.status()),
        Setting.of(engine.decision().offer().on()).word(),
        Setting.of(engine.decision().strict().on()).word(),
        negotiated(engine) ? yesNo(engine.accepted().has(Feature.ACCESS_PLATFORM)) : "undecided",
        negotiated(engine) ? engine.dma().space().name().toLowerCase(Locale.ROOT) : "undecided",
        pathText(entry),
        driver(entry),
        features(engine),
        engine.queueRecords(),
        engine.device().details());
  }

  static boolean negotiated(DeviceEngine engine) {
    return engine.negotiated();
  }

  private static String yesNo(boolean yes) {
    return yes ? "yes" : "no";
  }

  /** The path as decision and platform make it; who acked what is the driver's part. */
  static PathMode path(DeviceEntry entry) {
    EndpointDma dma = entry.engine().dma();
    Optional<IommuUnit> unit = entry.machine().unit();
    if (unit.isEmpty() || dma.route() == Route.EXCLUDED) {
      return PathMode.NONE;
    }
    if (!unit.get().protects()) {
      return PathMode.WINDOW;
    }
    if (!usesBus(entry.engine())) {
      return PathMode.BYPASS;
    }
    return unit.get().endpoints().isIdentity(dma.endpoint())
        ? PathMode.IDENTITY
        : PathMode.TRANSLATING;
  }

  private static boolean usesBus(DeviceEngine engine) {
    return negotiated(engine)
        ? engine.dma().space() == AddressSpace.BUS
        : engine.decision().addressSpace(engine.decision().offer().on()) == AddressSpace.BUS;
  }

  private static String pathText(DeviceEntry entry) {
    PathMode mode = path(entry);
    return "%c: %s".formatted(mode.letter(), mode.meaning());
  }

  private static String driver(DeviceEntry entry) {
    GuestDriver driver = entry.driver();
    if (driver == null) {
      return "";
    }
    DriverStatus status = driver.status();
    return "%s %s".formatted(status.kind(), status.state().name().toLowerCase(Locale.ROOT));
  }

  private static List<FeatureInfo> features(DeviceEngine engine) {
    FeatureSet offered = engine.offered();
    FeatureSet accepted = engine.accepted();
    List<FeatureInfo> infos = new ArrayList<>();
    for (int bit : offered.plus(accepted).bits()) {
      NamedFeature feature = NamedFeature.of(bit, engine.device());
      infos.add(
          new FeatureInfo(
              bit, feature.name(), feature.meaning(), offered.has(bit), accepted.has(bit)));
    }
    return infos;
  }

  static DeviceStats stats(DeviceEntry entry) {
    DeviceEngine engine = entry.engine();
    EndpointDma dma = engine.dma();
    List<QueueInfo> queues = engine.queueRecords();
    return new DeviceStats(
        entry.id(),
        queues.stream().mapToLong(QueueInfo::chains).sum(),
        queues.stream().mapToLong(QueueInfo::kicks).sum(),
        queues.stream().mapToLong(QueueInfo::interrupts).sum(),
        dma.hits(),
        dma.misses(),
        dma.cachedEntries(),
        dma.invalidations(),
        entry.machine().faults().countOf(dma.endpoint()),
        entry.machine().unit().map(unit -> unit.mappings().countOf(dma.endpoint())).orElse(0L));
  }
}
