package aperture.guest.bringup;

import aperture.access.AddressSpace;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.virtio.DeviceStatus;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.Virtqueues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings a device up, step by step: reset, ACKNOWLEDGE, DRIVER, read features, accept, FEATURES_OK,
 * read the status again, queues, DRIVER_OK. On trouble it sets FAILED and gives everything back.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Device Initialization".
 */
public final class VirtioBringUp {

  /** A device answers a reset when it is quiet; it may have I/O to finish. */
  private static final long RESET_DEADLINE = TimeUnit.SECONDS.toNanos(60);

  private static final long RESET_LOOK = TimeUnit.MICROSECONDS.toNanos(100);

  private final GuestPlatform platform;
  private final VirtioTransport device;
  private final DriverPolicy policy;
  private final FrontEnd frontEnd;

  public VirtioBringUp(
      GuestPlatform platform, VirtioTransport device, DriverPolicy policy, FrontEnd frontEnd) {
    this.platform = platform;
    this.device = device;
    this.policy = policy;
    this.frontEnd = frontEnd;
  }

  /**
   * Resets the device and waits until it is quiet.
   *
   * @return false when it did not answer: it may still use whatever memory it was given
   */
  public boolean reset() {
    device.writeStatus(0);
    long deadline = System.nanoTime() + RESET_DEADLINE;
    while (device.status() != 0) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(this, RESET_LOOK);
    }
    return true;
  }

  /** Takes all steps. */
  public BringUpOutcome run() {
    if (!reset()) {
      return down(State.FAILED, FeatureSet.NONE, "the device does not answer a reset");
    }
    device.writeStatus(DeviceStatus.ACKNOWLEDGE);
    int status = DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER;
    device.writeStatus(status);
    FeatureSet offered = offered();
    Optional<String> declined = policy.declines(platform, offered);
    if (declined.isPresent()) {
      return down(State.DECLINED, FeatureSet.NONE, declined.get());
    }
    if (!offered.has(Feature.VERSION_1)) {
      return down(State.DECLINED, FeatureSet.NONE, "the device does not offer VERSION_1");
    }
    FeatureSet accepted = offered.and(policy.knows().plus(frontEnd.knows()));
    for (int word = 0; word < FeatureSet.WORDS; word++) {
      device.driverFeatures(word, accepted.word(word));
    }
    status |= DeviceStatus.FEATURES_OK;
    device.writeStatus(status);
    if ((device.status() & DeviceStatus.FEATURES_OK) == 0) {
      return down(
          State.REFUSED_BY_DEVICE,
          accepted,
          "the device refused FEATURES_OK for the features " + accepted);
    }
    return live(accepted, status);
  }

  private FeatureSet offered() {
    FeatureSet offered = FeatureSet.NONE;
    for (int word = 0; word < FeatureSet.WORDS; word++) {
      offered = offered.withWord(word, device.deviceFeatures(word));
    }
    return offered;
  }

  private BringUpOutcome live(FeatureSet accepted, int status) {
    DriverDma dma =
        policy.addresses(accepted) == AddressSpace.BUS ? platform.dmaApi() : platform.physical();
    List<DriverQueue> queues = new ArrayList<>();
    try {
      int count = frontEnd.queues(device, accepted);
      for (int index = 0; index < count; index++) {
        queues.add(queue(index, dma, accepted));
      }
    } catch (DmaException e) {
      return giveUp(queues, accepted, "no memory for the queues: " + e.getMessage());
    }
    for (int index = 0; index < queues.size(); index++) {
      DriverQueue queue = queues.get(index);
      device.enableQueue(index, queue.size(), queue.addresses());
      if (!device.queueEnabled(index)) {
        return giveUp(queues, accepted, "queue %d cannot be enabled".formatted(index));
      }
    }
    device.writeStatus(status | DeviceStatus.DRIVER_OK);
    int now = device.status();
    if ((now & DeviceStatus.DRIVER_OK) == 0 || (now & DeviceStatus.NEEDS_RESET) != 0) {
      return giveUp(queues, accepted, "the device did not go live: " + DeviceStatus.describe(now));
    }
    return new BringUpOutcome.Live(
        new LiveDevice(platform.deviceName(), device, accepted, dma, queues));
  }

  private DriverQueue queue(int index, DriverDma dma, FeatureSet accepted) throws DmaException {
    int size = device.queueMaxSize(index);
    if (size == 0) {
      throw new DmaException("the device has no queue " + index);
    }
    RingFeatures features =
        new RingFeatures(accepted.has(Feature.INDIRECT_DESC), accepted.has(Feature.EVENT_IDX));
    return Virtqueues.splitDriver(size, dma, features);
  }

  /** The device may know the rings already, so it is reset before they are given back. */
  private BringUpOutcome giveUp(List<DriverQueue> queues, FeatureSet accepted, String reason) {
    if (reset()) {
      queues.forEach(DriverQueue::release);
    }
    return down(State.FAILED, accepted, reason);
  }

  private BringUpOutcome down(State state, FeatureSet accepted, String reason) {
    device.writeStatus(device.status() | DeviceStatus.FAILED);
    return new BringUpOutcome.Down(state, accepted, policy.addresses(accepted), reason);
  }
}
