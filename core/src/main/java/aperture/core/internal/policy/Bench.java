package aperture.core.internal.policy;

import aperture.access.AccessConfigurationException;
import aperture.access.AccessDecision;
import aperture.access.AccessRequest;
import aperture.access.AddressSpace;
import aperture.access.Interfaces;
import aperture.access.Levels;
import aperture.access.Setting;
import aperture.access.Transport;
import aperture.admin.ControlException;
import aperture.admin.MachineSpec;
import aperture.core.internal.device.DeviceEngine;
import aperture.core.internal.device.DevicePlatform;
import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.machine.RunningMachine;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.memory.PageAllocator;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceSettings;
import aperture.virtio.VirtioDeviceType;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** One machine with one device, made for one experiment: poisoned, and gone afterwards. */
final class Bench implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Bench.class.getName());

  /** Kept free of everything but canaries, from the start of memory: IOVAs are numbers in here. */
  static final long KEPT = 16L << 20;

  /** Where the numbers of IOVAs begin, from the start of memory: the first tables lie below. */
  static final long FIRST_NUMBER = 2L << 20;

  /** What colliding numbers are mapped to; memory that is kept free begins at a multiple. */
  private static final long COLLISION = 2L << 20;

  /** What a driver allocates in an experiment lies below. */
  private static final long MAY_BE_USED = 48L << 20;

  /** From here on memory is never handed out in an experiment. */
  static final long NEVER_USED = 64L << 20;

  private static final int BLOCK_DEVICE = 2;
  private static final Map<String, String> DISK = Map.of("store", "memory", "size", "256K");
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final Laboratory laboratory;
  private final RunningMachine machine;
  private final EndpointDma endpoint;
  private final DeviceEngine engine;
  private final Canaries canaries;
  private final Filler filler;

  private Bench(
      Laboratory laboratory,
      RunningMachine machine,
      EndpointDma endpoint,
      DeviceEngine engine,
      Canaries canaries,
      Filler filler) {
    this.laboratory = laboratory;
    this.machine = machine;
    this.endpoint = endpoint;
    this.engine = engine;
    this.canaries = canaries;
    this.filler = filler;
  }

  static Bench setUp(Laboratory laboratory, Case tried, UnaryOperator<AccessDecision> instead)
      throws ControlException,
          DmaException,
          AccessConfigurationException,
          DeviceConfigurationException {
    Platform platform = tried.platform();
    String name = "experiment-" + NUMBERS.incrementAndGet();
    RunningMachine machine =
        laboratory
            .machines()
            .create(
                new MachineSpec(
                    name,
                    platform.type(),
                    platform.layout().memory(),
                    Optional.of(platform.iommu())));
    try {
      Canaries canaries = keepFree(machine, platform);
      EndpointDma endpoint = machine.newEndpoint(tried.device().route());
      Filler filler =
          new Filler(machine.memory().regions().get(0).base(), platform.layout().firstNumber());
      filler.take(face(machine, endpoint, platform.layout()));
      if (tried.collision()) {
        collide(machine, endpoint, canaries);
      }
      VirtioDeviceType type = blockDevice(laboratory);
      DeviceEngine engine =
          new DeviceEngine(
              name,
              type.deviceId(),
              type.create(new DeviceSettings(name, machine.row(), DISK)),
              instead.apply(decide(name, machine, tried.device())),
              endpoint,
              true,
              new Silence());
      machine.unit().ifPresent(unit -> unit.join(engine));
      return new Bench(laboratory, machine, endpoint, engine, canaries, filler);
    } catch (ControlException
        | DmaException
        | AccessConfigurationException
        | DeviceConfigurationException
        | RuntimeException e) {
      laboratory.machines().destroy(machine);
      throw e;
    }
  }

  private static Canaries keepFree(RunningMachine machine, Platform platform) {
    long base = machine.memory().regions().get(0).base();
    long gpa = machine.pages().keep(KEPT, COLLISION);
    if (gpa == PageAllocator.NO_MEMORY) {
      throw new IllegalStateException("machine type %s has no room".formatted(platform.type()));
    }
    return new Canaries(machine.memory(), gpa, gpa + KEPT, base + NEVER_USED);
  }

  private static DriverFace face(
      RunningMachine machine, EndpointDma endpoint, Platform.Layout layout) throws DmaException {
    DriverFace face = machine.driverFace(endpoint, AddressSpace.BUS);
    face.setAddressMask(layout.mask());
    return face;
  }

  /** Maps the numbers of all memory that the driver may get, to memory that is nobody's. */
  private static void collide(RunningMachine machine, EndpointDma endpoint, Canaries canaries)
      throws DmaException {
    DriverFace face = machine.driverFace(endpoint, AddressSpace.BUS);
    if (!face.translated()) {
      return;
    }
    canaries.poison(canaries.first(), COLLISION);
    long base = machine.memory().regions().get(0).base();
    long end = base + MAY_BE_USED;
    try {
      for (long number = canaries.end(); number < end; number += COLLISION) {
        face.mapAt(number, canaries.first(), COLLISION, Direction.BIDIRECTIONAL);
      }
    } catch (DmaException e) {
      LOG.log(Level.DEBUG, "no IOVA of {0} is a number of memory", machine.row().type());
    }
  }

  /** The device that every case has. */
  static VirtioDeviceType blockDevice(Laboratory laboratory) throws ControlException {
    return laboratory.deviceTypes().get().stream()
        .filter(type -> type.deviceId() == BLOCK_DEVICE)
        .findFirst()
        .orElseThrow(() ->
            new ControlException(
                ControlException.Kind.CAPABILITY_MISSING,
                "nobody supplies a block device; start the bundle of device types"));
  }

  private static AccessDecision decide(String name, RunningMachine machine, Case.Device device)
      throws AccessConfigurationException {
    Setting legacy = device.legacy() && !device.offered() ? Setting.ON : Setting.UNSET;
    return AccessDecision.decide(
        new AccessRequest(
            name,
            machine.row().type(),
            new Levels(Setting.of(device.offered()), Setting.UNSET, machine.row().offer()),
            new Levels(Setting.of(device.strict()), Setting.UNSET, machine.row().strict()),
            device.unacked(),
            device.wiring(),
            new Interfaces.Choice(Transport.PCI, legacy, false, true),
            machine.describesIommu(device.route()),
            false,
            true));
  }

  RunningMachine machine() {
    return machine;
  }

  EndpointDma endpoint() {
    return endpoint;
  }

  DeviceEngine engine() {
    return engine;
  }

  Canaries canaries() {
    return canaries;
  }

  /** The machine as the driver of the device sees it. */
  WatchedPlatform platform(Map<String, String> options, long mask) {
    return new WatchedPlatform(
        new DevicePlatform(machine, engine, options), canaries, filler, mask);
  }

  @Override
  public void close() {
    engine.remove();
    machine.unit().ifPresent(unit -> unit.leave(engine));
    machine.removeEndpoint(endpoint);
    laboratory.machines().destroy(machine);
  }
}
