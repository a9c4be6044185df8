package aperture.core.internal.control;

import aperture.admin.ControlException;
import aperture.admin.DriverControl;
import aperture.admin.DriverInfo;
import aperture.admin.DriverKindInfo;
import aperture.core.internal.device.DevicePlatform;
import aperture.dma.DmaException;
import aperture.virtio.DriverException;
import aperture.virtio.DriverKind;
import aperture.virtio.DriverStatus;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** In-process guest drivers. */
final class DriverService implements DriverControl {

  private final Inventory inventory;
  private final Registry<DriverKind> kinds;

  DriverService(Inventory inventory, Registry<DriverKind> kinds) {
    this.inventory = inventory;
    this.kinds = kinds;
  }

  @Override
  public List<DriverKindInfo> kinds() {
    return kinds.all().stream()
        .map(k -> new DriverKindInfo(k.name(), k.summary(), k.options()))
        .toList();
  }

  @Override
  public DriverInfo bind(String device, String kind, Map<String, String> options)
      throws ControlException {
    DeviceEntry entry = inventory.device(device);
    DriverKind service = kinds.get(kind);
    OptionCheck.require("driver kind " + service.name(), service.options(), options);
    synchronized (entry) {
      GuestDriver bound = entry.driver();
      if (bound != null) {
        throw ControlException.usage(
            "device %s has driver %s already; driver:unbind it first"
                .formatted(device, bound.status().kind()));
      }
      try {
        DevicePlatform platform = new DevicePlatform(entry.machine(), entry.engine(), options);
        GuestDriver driver = service.probe(platform, entry.engine());
        entry.driver(driver);
        return info(device, driver.status());
      } catch (DriverException e) {
        throw failed(device, e);
      }
    }
  }

  @Override
  public DriverInfo show(String device) throws ControlException {
    return info(device, bound(inventory.device(device)).status());
  }

  @Override
  public void unbind(String device) throws ControlException {
    DeviceEntry entry = inventory.device(device);
    synchronized (entry) {
      GuestDriver driver = bound(entry);
      entry.driver(null);
      driver.close();
      giveBack(entry);
    }
  }

  /** A program that had the device is gone: the kernel's domain is back. */
  private static void giveBack(DeviceEntry entry) throws ControlException {
    try {
      DevicePlatform.giveBack(entry.machine(), entry.engine());
    } catch (DmaException e) {
      throw new ControlException(
          ControlException.Kind.FAILED, "device %s: %s".formatted(entry.id(), e.getMessage()), e);
    }
  }

  @Override
  public DriverInfo reset(String device) throws ControlException {
    DeviceEntry entry = inventory.device(device);
    synchronized (entry) {
      GuestDriver driver = bound(entry);
      try {
        driver.reset();
      } catch (DriverException e) {
        throw failed(device, e);
      }
      return info(device, driver.status());
    }
  }

  @Override
  public IoJob io(String device, IoPlan plan) throws ControlException {
    DeviceEntry entry = inventory.device(device);
    try {
      IoJob job = bound(entry).start(plan);
      entry.job(job);
      return job;
    } catch (DriverException e) {
      throw failed(device, e);
    }
  }

  @Override
  public Optional<IoJob> job(String device) throws ControlException {
    return Optional.ofNullable(inventory.device(device).job());
  }

  private static GuestDriver bound(DeviceEntry entry) throws ControlException {
    GuestDriver driver = entry.driver();
    if (driver == null) {
      throw ControlException.usage(
          "device %s has no driver; driver:bind %s KIND".formatted(entry.id(), entry.id()));
    }
    return driver;
  }

  private static ControlException failed(String device, DriverException e) {
    return new ControlException(
        ControlException.Kind.FAILED, "device %s: %s".formatted(device, e.getMessage()), e);
  }

  private static DriverInfo info(String device, DriverStatus status) {
    return new DriverInfo(
        device,
        status.kind(),
        status.state().name().toLowerCase(Locale.ROOT),
        status.accepted().toString(),
        status.addresses().name().toLowerCase(Locale.ROOT),
        status.reason());
  }
}
