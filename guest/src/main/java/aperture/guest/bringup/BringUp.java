package aperture.guest.bringup;

import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.guest.dma.OwnDma;
import aperture.virtio.DeviceStatus;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.RingFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings a device up, step by step: reset, ACKNOWLEDGE, DRIVER, read features, accept, settle,
 * queues, DRIVER_OK. On trouble it sets FAILED and gives everything back. How features are settled
 * and where a queue is told to be is the matter of the register interface.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Device Initialization".
 */
public abstract sealed class BringUp permits ModernBringUp, LegacyBringUp {

  /** A device answers a reset when it is quiet; it may have I/O to finish. */
  private static final long RESET_DEADLINE = TimeUnit.SECONDS.toNanos(60);

  private static final long RESET_LOOK = TimeUnit.MICROSECONDS.toNanos(100);

  private final GuestPlatform platform;
  private final VirtioTransport device;
  private final DriverPolicy policy;
  private final FrontEnd frontEnd;

  BringUp(GuestPlatform platform, VirtioTransport device, DriverPolicy policy, FrontEnd frontEnd) {
    this.platform = platform;
    this.device = device;
    this.policy = policy;
    this.frontEnd = frontEnd;
  }

  /** By the register interface that the policy is for. */
  public static BringUp of(
      GuestPlatform platform, VirtioTransport device, DriverPolicy policy, FrontEnd frontEnd) {
    return switch (policy.registers()) {
      case MODERN -> new ModernBringUp(platform, device, policy, frontEnd);
      case LEGACY -> new LegacyBringUp(platform, device, policy, frontEnd);
    };
  }

  /** The device, for subclasses and what both register interfaces share. */
  final VirtioTransport device() {
    return device;
  }

  /** Why the driver does not match the device: it has no such registers. */
  abstract Optional<String> unmatched();

  abstract int status();

  abstract void writeStatus(int status);

  abstract FeatureSet offered();

  /**
   * Accepts features, for good.
   *
   * @param status bits set so far
   * @return the status bits that stand now; empty when the device refuses
   */
  abstract Optional<Integer> settle(FeatureSet accepted, int status);

  /** Makes the driver half of a queue. */
  abstract DriverQueue queue(int index, DriverDma dma, RingFeatures features) throws DmaException;

  /** Tells the device where a queue is; false when it does not take it. */
  abstract boolean place(int index, DriverQueue queue);

  /**
   * Resets the device and waits until it is quiet.
   *
   * @return false when it did not answer: it may still use whatever memory it was given
   */
  public final boolean reset() {
    writeStatus(0);
    long deadline = System.nanoTime() + RESET_DEADLINE;
    while (status() != 0) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(this, RESET_LOOK);
    }
    return true;
  }

  /** Takes all steps. A device that does not match is not touched. */
  public final BringUpOutcome run() {
    Optional<String> unmatched = unmatched();
    if (unmatched.isPresent()) {
      return outcome(State.UNMATCHED, FeatureSet.NONE, unmatched.get());
    }
    if (!reset()) {
      return down(State.FAILED, FeatureSet.NONE, "the device does not answer a reset");
    }
    writeStatus(DeviceStatus.ACKNOWLEDGE);
    int found = DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER;
    writeStatus(found);
    FeatureSet offered = offered();
    Optional<String> declined = policy.declines(platform, offered);
    if (declined.isPresent()) {
      return down(State.DECLINED, FeatureSet.NONE, declined.get());
    }
    FeatureSet accepted = offered.and(policy.knows().plus(frontEnd.knows()));
    Optional<Integer> settled = settle(accepted, found);
    if (settled.isEmpty()) {
      return down(
          State.REFUSED_BY_DEVICE,
          accepted,
          "the device refused FEATURES_OK for the features " + accepted);
    }
    DriverDma dma;
    try {
      dma = policy.dma(platform, accepted);
    } catch (DmaException e) {
      return down(State.FAILED, accepted, "no addresses to post: " + e.getMessage());
    }
    return live(accepted, settled.get(), dma);
  }

  private BringUpOutcome live(FeatureSet accepted, int settled, DriverDma dma) {
    List<DriverQueue> queues = new ArrayList<>();
    RingFeatures features =
        new RingFeatures(accepted.has(Feature.INDIRECT_DESC), accepted.has(Feature.EVENT_IDX));
    try {
      int count = frontEnd.queues(device, accepted);
      for (int index = 0; index < count; index++) {
        queues.add(queue(index, dma, features));
      }
    } catch (DmaException e) {
      return giveUp(dma, queues, accepted, "no memory for the queues: " + e.getMessage());
    }
    for (int index = 0; index < queues.size(); index++) {
      if (!place(index, queues.get(index))) {
        return giveUp(dma, queues, accepted, "queue %d cannot be enabled".formatted(index));
      }
    }
    writeStatus(settled | DeviceStatus.DRIVER_OK);
    int now = status();
    if ((now & DeviceStatus.DRIVER_OK) == 0 || (now & DeviceStatus.NEEDS_RESET) != 0) {
      String reason = "the device did not go live: " + DeviceStatus.describe(now);
      return giveUp(dma, queues, accepted, reason);
    }
    return new BringUpOutcome.Live(
        new LiveDevice(platform.deviceName(), device, accepted, dma, queues));
  }

  /** The device may know the rings already, so it is reset before they are given back. */
  private BringUpOutcome giveUp(
      DriverDma dma, List<DriverQueue> queues, FeatureSet accepted, String reason) {
    if (reset()) {
      queues.forEach(DriverQueue::release);
      OwnDma.giveBack(dma);
    }
    return down(State.FAILED, accepted, reason);
  }

  private BringUpOutcome down(State state, FeatureSet accepted, String reason) {
    writeStatus(status() | DeviceStatus.FAILED);
    return outcome(state, accepted, reason);
  }

  private BringUpOutcome outcome(State state, FeatureSet accepted, String reason) {
    return new BringUpOutcome.Down(state, accepted, policy.addresses(accepted), reason);
  }
}
