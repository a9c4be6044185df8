package aperture.core;

import aperture.admin.DeviceControl;
import aperture.admin.DmaControl;
import aperture.admin.DriverControl;
import aperture.admin.MachineControl;
import aperture.admin.PolicyControl;
import aperture.admin.SwapControl;
import aperture.core.internal.control.Engine;
import aperture.core.internal.control.Engine.Origin;
import aperture.dma.PlatformDma;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineDefaults;
import aperture.served.DeviceHost;
import aperture.virtio.DriverKind;
import aperture.virtio.VirtioDeviceType;
import java.util.List;

/**
 * The engine on a plain class path, without a framework: what is a service there is handed in here.
 *
 * <pre>{@code
 * try (Aperture aperture = Aperture.standalone()) {
 *   aperture.behavior(new MyBehavior()).family(new MyMachines(), "my-arch");
 *   aperture.machines().create(new MachineSpec("m0", "my-board", 64 << 20, Optional.empty()));
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class Aperture implements AutoCloseable {

  private static final String CLASS_PATH = "class-path";

  private final Engine engine = new Engine();

  private Aperture() {}

  public static Aperture standalone() {
    return new Aperture();
  }

  public Aperture behavior(IommuBehavior behavior) {
    return behavior(behavior, 0);
  }

  /**
   * Adds a behaviour; a higher ranking replaces what is at work.
   *
   * @param ranking as a service's ranking
   */
  public Aperture behavior(IommuBehavior behavior, int ranking) {
    engine.addBehavior(behavior, origin(ranking));
    return this;
  }

  /** Takes a behaviour away; returns when its code is left. */
  public Aperture removeBehavior(IommuBehavior behavior) {
    engine.removeBehavior(behavior);
    return this;
  }

  public Aperture family(MachineDefaults family, String arch) {
    engine.addFamily(family, arch, origin(0));
    return this;
  }

  public Aperture deviceType(VirtioDeviceType type) {
    engine.deviceTypes().add(type);
    return this;
  }

  public Aperture driverKind(DriverKind kind) {
    engine.driverKinds().add(kind);
    return this;
  }

  private static Origin origin(int ranking) {
    return new Origin(CLASS_PATH, List.of(0, 0, 0), ranking);
  }

  public MachineControl machines() {
    return engine.machines();
  }

  public DeviceControl devices() {
    return engine.devices();
  }

  public DriverControl drivers() {
    return engine.drivers();
  }

  public DmaControl dma() {
    return engine.dma();
  }

  public PolicyControl policies() {
    return engine.policies();
  }

  public SwapControl swaps() {
    return engine.swaps();
  }

  public DeviceHost host() {
    return engine.host();
  }

  public PlatformDma platformDma() {
    return engine.platformDma();
  }

  /** Ends all machines. */
  @Override
  public void close() {
    engine.close();
  }
}
