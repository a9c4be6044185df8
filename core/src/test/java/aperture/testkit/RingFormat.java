package aperture.testkit;

import aperture.dma.DmaException;
import aperture.dma.DmaSession;
import aperture.dma.DriverDma;
import aperture.virtqueue.DeviceQueue;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.QueueConfigurationException;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.VirtqueueConfig;

/** How the two halves of a ring format are made. */
public interface RingFormat {

  DeviceQueue device(VirtqueueConfig config, DmaSession session, RingFeatures features)
      throws QueueConfigurationException;

  DriverQueue driver(int size, DriverDma dma, RingFeatures features) throws DmaException;
}
