package aperture.core.internal.device;

import aperture.virtio.LegacyTransport;
import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.Virtqueues;

/** The legacy register interface of a device, on the same engine as the modern one. */
final class LegacyRegisters implements LegacyTransport {

  private static final long PAGES = 0xffff_ffffL;

  private final DeviceEngine engine;

  LegacyRegisters(DeviceEngine engine) {
    this.engine = engine;
  }

  @Override
  public int deviceFeatures() {
    return engine.offered().word(0);
  }

  @Override
  public void driverFeatures(int value) {
    engine.driverFeatures(0, value & deviceFeatures());
  }

  @Override
  public int status() {
    return engine.status();
  }

  @Override
  public void writeStatus(int status) {
    engine.writeLegacyStatus(status);
  }

  @Override
  public int queueSize(int queue) {
    return engine.queueMaxSize(queue);
  }

  @Override
  public void queuePage(int queue, int page) {
    if (page == 0) {
      engine.disableQueue(queue);
      return;
    }
    int size = queueSize(queue);
    if (size != 0) {
      QueueAddresses addresses =
          Virtqueues.legacyAddresses(size, (page & PAGES) * QUEUE_ALIGN, QUEUE_ALIGN);
      engine.enableQueue(queue, size, addresses);
    }
  }

  @Override
  public int queuePage(int queue) {
    return (int) (engine.queueAddresses(queue).descriptors() / QUEUE_ALIGN);
  }
}
