package aperture.core.internal.control;

import aperture.core.internal.device.DeviceEngine;
import aperture.core.internal.machine.RunningMachine;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import org.jspecify.annotations.Nullable;

/** A device of a machine, and the driver bound to it. Fields are guarded by the inventory. */
final class DeviceEntry {

  private final RunningMachine machine;
  private final String type;
  private final DeviceEngine engine;
  private volatile @Nullable GuestDriver driver;
  private volatile @Nullable IoJob job;

  DeviceEntry(RunningMachine machine, String type, DeviceEngine engine) {
    this.machine = machine;
    this.type = type;
    this.engine = engine;
  }

  String id() {
    return engine.id();
  }

  RunningMachine machine() {
    return machine;
  }

  String type() {
    return type;
  }

  DeviceEngine engine() {
    return engine;
  }

  @Nullable GuestDriver driver() {
    return driver;
  }

  void driver(@Nullable GuestDriver bound) {
    driver = bound;
  }

  @Nullable IoJob job() {
    return job;
  }

  void job(@Nullable IoJob started) {
    job = started;
  }
}
