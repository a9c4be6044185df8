package aperture.guest;

import aperture.guest.bringup.BringUp;
import aperture.guest.bringup.BringUpOutcome;
import aperture.guest.bringup.DriverPolicy;
import aperture.guest.bringup.FrontEnd;
import aperture.guest.io.PumpedJob;
import aperture.virtio.DeviceStatus;
import aperture.virtio.DriverException;
import aperture.virtio.DriverStatus;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.GuestDriver;
import aperture.virtio.GuestPlatform;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.VirtioTransport;
import org.jspecify.annotations.Nullable;

/**
 * A driver of any kind, bound to one device: the device is live, or it says why not.
 *
 * <p>Memory that a device may still use is given back only after a reset that the device answered.
 */
final class BoundDriver implements GuestDriver, VirtioTransport.InterruptHandler {

  private final DriverPolicy policy;
  private final VirtioTransport device;
  private final FrontEnd frontEnd;
  private final BringUp bringUp;
  private volatile BringUpOutcome outcome;
  private volatile @Nullable PumpedJob job;
  private boolean closed;

  private BoundDriver(
      DriverPolicy policy, GuestPlatform platform, VirtioTransport device, FrontEnd frontEnd) {
    this.policy = policy;
    this.device = device;
    this.frontEnd = frontEnd;
    this.bringUp = BringUp.of(platform, device, policy, frontEnd);
    this.outcome = bringUp.run();
  }

  static BoundDriver probe(DriverPolicy policy, GuestPlatform platform, VirtioTransport device)
      throws DriverException {
    FrontEnd frontEnd =
        FrontEnds.of(device.deviceId())
            .orElseThrow(() ->
                new DriverException(
                    "driver %s knows no device type %d: block (2) and entropy (4) only"
                        .formatted(policy.name(), device.deviceId())));
    BoundDriver driver = new BoundDriver(policy, platform, device, frontEnd);
    device.onInterrupt(driver);
    return driver;
  }

  @Override
  public DriverStatus status() {
    BringUpOutcome now = outcome;
    return switch (now) {
      case BringUpOutcome.Down down -> status(down, down.state(), down.reason());
      case BringUpOutcome.Live live -> {
        PumpedJob last = job;
        if ((device.status() & DeviceStatus.NEEDS_RESET) != 0) {
          yield status(live, State.NEEDS_RESET, "the device asked for a reset");
        }
        if (last != null && last.done() && last.holdsMemory()) {
          yield status(live, State.FAILED, "the device keeps requests: " + last.report().reason());
        }
        yield status(live, State.BOUND, "");
      }
    };
  }

  private DriverStatus status(BringUpOutcome now, State state, String reason) {
    return new DriverStatus(policy.name(), state, now.accepted(), now.addresses(), reason);
  }

  @Override
  public synchronized IoJob start(IoPlan plan) throws DriverException {
    DriverStatus status = status();
    if (status.state() != State.BOUND || !(outcome instanceof BringUpOutcome.Live live)) {
      throw new DriverException("the driver is not bound: " + status.reason());
    }
    PumpedJob last = job;
    if (last != null && !last.done()) {
      throw new DriverException("I/O is running already: stop it, or wait for its end");
    }
    PumpedJob next = frontEnd.start(live.device(), plan);
    job = next;
    next.begin();
    return next;
  }

  @Override
  public synchronized void reset() throws DriverException {
    if (closed) {
      throw new DriverException("the driver is unbound");
    }
    if (!takeDown("the driver was reset")) {
      throw new DriverException("the device does not answer a reset");
    }
    outcome = bringUp.run();
    if (outcome instanceof BringUpOutcome.Down down) {
      throw new DriverException(down.reason());
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    takeDown("the driver was unbound");
    BringUpOutcome last = outcome;
    outcome =
        new BringUpOutcome.Down(
            State.FAILED, last.accepted(), last.addresses(), "the driver is unbound");
  }

  /** Ends I/O, resets the device, then gives back what the device could reach. */
  private boolean takeDown(String why) {
    if (outcome instanceof BringUpOutcome.Down down && down.state() == State.UNMATCHED) {
      return true;
    }
    PumpedJob running = job;
    if (running != null) {
      running.cancel(why);
    }
    if (!bringUp.reset()) {
      return false;
    }
    if (running != null) {
      running.release();
      job = null;
    }
    if (outcome instanceof BringUpOutcome.Live live) {
      live.device().release();
    }
    return true;
  }

  @Override
  public void queueInterrupt(int queue) {
    PumpedJob running = job;
    if (running != null) {
      running.wake(queue);
    }
  }

  @Override
  public void configInterrupt() {
    PumpedJob running = job;
    if (running != null) {
      running.deviceChanged();
    }
  }
}
