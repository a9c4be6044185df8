package aperture.guest.bringup;

import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.virtio.DeviceStatus;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.Virtqueues;
import java.util.Optional;

/**
 * By the registers of a modern transport: four words of features, settled with FEATURES_OK, which
 * the device may refuse.
 */
final class ModernBringUp extends BringUp {

  ModernBringUp(
      GuestPlatform platform, VirtioTransport device, DriverPolicy policy, FrontEnd frontEnd) {
    super(platform, device, policy, frontEnd);
  }

  /** A device without these registers shows no features at all; a modern one VERSION_1 at least. */
  @Override
  Optional<String> unmatched() {
    return offered().isEmpty()
        ? Optional.of("the device has no modern register interface")
        : Optional.empty();
  }

  @Override
  int status() {
    return device().status();
  }

  @Override
  void writeStatus(int status) {
    device().writeStatus(status);
  }

  @Override
  FeatureSet offered() {
    FeatureSet offered = FeatureSet.NONE;
    for (int word = 0; word < FeatureSet.WORDS; word++) {
      offered = offered.withWord(word, device().deviceFeatures(word));
    }
    return offered;
  }

  @Override
  Optional<Integer> settle(FeatureSet accepted, int status) {
    for (int word = 0; word < FeatureSet.WORDS; word++) {
      device().driverFeatures(word, accepted.word(word));
    }
    int settled = status | DeviceStatus.FEATURES_OK;
    writeStatus(settled);
    return (status() & DeviceStatus.FEATURES_OK) == 0 ? Optional.empty() : Optional.of(settled);
  }

  @Override
  DriverQueue queue(int index, DriverDma dma, RingFeatures features) throws DmaException {
    int size = device().queueMaxSize(index);
    if (size == 0) {
      throw new DmaException("the device has no queue " + index);
    }
    return Virtqueues.splitDriver(size, dma, features);
  }

  @Override
  boolean place(int index, DriverQueue queue) {
    device().enableQueue(index, queue.size(), queue.addresses());
    return device().queueEnabled(index);
  }
}
