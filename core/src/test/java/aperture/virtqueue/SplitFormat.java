package aperture.virtqueue;

import aperture.dma.DmaException;
import aperture.dma.DmaSession;
import aperture.dma.DriverDma;
import aperture.testkit.RingFormat;

/** The split ring for the contract tests. */
enum SplitFormat implements RingFormat {
  INSTANCE;

  @Override
  public DeviceQueue device(VirtqueueConfig config, DmaSession session, RingFeatures features)
      throws QueueConfigurationException {
    return Virtqueues.splitDevice(config, session, features);
  }

  @Override
  public DriverQueue driver(int size, DriverDma dma, RingFeatures features) throws DmaException {
    return Virtqueues.splitDriver(size, dma, features);
  }
}
