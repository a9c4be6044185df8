package aperture.guest.bringup;

import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import aperture.virtio.LegacyTransport;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.Virtqueues;
import java.util.Optional;

/**
 * By the legacy registers: 32 features, which nobody settles, and a queue in one piece by the
 * number of its page.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Legacy Interface: Device Initialization".
 */
final class LegacyBringUp extends BringUp {

  private final Optional<LegacyTransport> registers;

  LegacyBringUp(
      GuestPlatform platform, VirtioTransport device, DriverPolicy policy, FrontEnd frontEnd) {
    super(platform, device, policy, frontEnd);
    this.registers = device.legacy();
  }

  private LegacyTransport registers() {
    return registers.orElseThrow();
  }

  @Override
  Optional<String> unmatched() {
    return registers.isEmpty()
        ? Optional.of("the device has no legacy register interface")
        : Optional.empty();
  }

  @Override
  int status() {
    return registers().status();
  }

  @Override
  void writeStatus(int status) {
    registers().writeStatus(status);
  }

  @Override
  FeatureSet offered() {
    return FeatureSet.NONE.withWord(0, registers().deviceFeatures());
  }

  @Override
  Optional<Integer> settle(FeatureSet accepted, int status) {
    registers().driverFeatures(accepted.word(0));
    return Optional.of(status);
  }

  @Override
  DriverQueue queue(int index, DriverDma dma, RingFeatures features) throws DmaException {
    int size = registers().queueSize(index);
    if (size == 0) {
      throw new DmaException("the device has no queue " + index);
    }
    return Virtqueues.legacyDriver(size, dma, features, LegacyTransport.QUEUE_ALIGN);
  }

  /** The page fits 32 bits: a policy for these registers limits its addresses. */
  @Override
  boolean place(int index, DriverQueue queue) {
    int page = (int) (queue.addresses().descriptors() / LegacyTransport.QUEUE_ALIGN);
    registers().queuePage(index, page);
    return registers().queuePage(index) == page;
  }
}
