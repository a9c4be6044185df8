package aperture.guest.fake;

import aperture.virtio.LegacyTransport;
import aperture.virtqueue.Virtqueues;

/** The legacy registers of a test device. */
final class FakeLegacy implements LegacyTransport {

  private final FakeDevice device;

  FakeLegacy(FakeDevice device) {
    this.device = device;
  }

  @Override
  public int deviceFeatures() {
    return device.offered().word(0);
  }

  @Override
  public void driverFeatures(int value) {
    device.driverFeatures(0, value);
  }

  @Override
  public int status() {
    return device.status();
  }

  @Override
  public void writeStatus(int status) {
    device.writeStatus(status);
  }

  @Override
  public int queueSize(int queue) {
    return device.queueMaxSize(queue);
  }

  @Override
  public void queuePage(int queue, int page) {
    long base = (page & 0xffff_ffffL) * QUEUE_ALIGN;
    int size = queueSize(queue);
    device.enableQueue(queue, size, Virtqueues.legacyAddresses(size, base, QUEUE_ALIGN));
  }

  @Override
  public int queuePage(int queue) {
    return device.queueEnabled(queue)
        ? (int) (device.placed(queue).descriptors() / QUEUE_ALIGN)
        : 0;
  }
}
