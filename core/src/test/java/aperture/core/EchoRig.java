package aperture.core;

import aperture.access.Setting;
import aperture.admin.AccessSettings;
import aperture.admin.ControlException;
import aperture.admin.DeviceSpec;
import aperture.admin.MachineSpec;
import aperture.testkit.FlatRow;
import aperture.testkit.HookedBehavior;
import aperture.virtio.DriverKind;
import aperture.virtio.GuestDriver;
import aperture.virtio.GuestPlatform;
import aperture.virtio.VirtioTransport;
import java.util.Map;
import java.util.Optional;

/** The whole engine with the test IOMMU and echo devices; tests play the guests. */
final class EchoRig implements AutoCloseable {

  /** A row that offers the bit, strict, and one that does not offer it. */
  static final String OFFERING = "flat-2.0";

  static final String SILENT = "flat-1.0";
  static final long MEMORY = 64L << 20;

  final HookedBehavior behavior = new HookedBehavior();
  final EchoDevice.Type type = new EchoDevice.Type();
  final Aperture aperture = Aperture.standalone();
  private final Capture capture = new Capture();

  EchoRig() {
    aperture
        .behavior(behavior)
        .family(new FlatRow(), FlatRow.ARCH)
        .deviceType(type)
        .driverKind(capture);
  }

  EchoRig machine(String name, String row) throws ControlException {
    return machine(name, row, Optional.empty());
  }

  EchoRig machine(String name, String row, Optional<String> iommu) throws ControlException {
    aperture.machines().create(new MachineSpec(name, row, MEMORY, iommu));
    return this;
  }

  /** Adds an echo device and gives its guest the registers. */
  EchoGuest add(String machine, String id, Setting offer, Setting strict) throws ControlException {
    aperture
        .devices()
        .add(new DeviceSpec(machine, "echo", Optional.of(id), offer, strict, false, Map.of()));
    aperture.drivers().bind(id, capture.name());
    return new EchoGuest(capture.platform, capture.transport, type.device(id));
  }

  EchoGuest add(String machine, String id, AccessSettings access) throws ControlException {
    aperture.devices().add(new DeviceSpec(machine, "echo", Optional.of(id), access, Map.of()));
    aperture.drivers().bind(id, capture.name());
    return new EchoGuest(capture.platform, capture.transport, type.device(id));
  }

  EchoGuest add(String machine, String id) throws ControlException {
    return add(machine, id, Setting.UNSET, Setting.UNSET);
  }

  String status(String id) throws ControlException {
    return aperture.devices().show(id).status();
  }

  @Override
  public void close() {
    aperture.close();
  }

  /** A driver kind that leaves everything to the test. */
  private static final class Capture implements DriverKind {

    private volatile GuestPlatform platform;
    private volatile VirtioTransport transport;

    @Override
    public String name() {
      return "by-hand";
    }

    @Override
    public String summary() {
      return "a test drives the device";
    }

    @Override
    public GuestDriver probe(GuestPlatform machine, VirtioTransport device) {
      platform = machine;
      transport = device;
      return new IdleDriver(device);
    }
  }
}
