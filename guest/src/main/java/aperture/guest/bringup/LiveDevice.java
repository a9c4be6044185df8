package aperture.guest.bringup;

import aperture.dma.DriverDma;
import aperture.guest.dma.OwnDma;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.DriverQueue;
import java.util.List;

/**
 * A device that was brought up, until its next reset.
 *
 * @param name for messages and thread names
 * @param transport its registers
 * @param accepted features in force
 * @param dma where addresses come from
 * @param queues driver halves, by index
 */
public record LiveDevice(
    String name,
    VirtioTransport transport,
    FeatureSet accepted,
    DriverDma dma,
    List<DriverQueue> queues) {

  public LiveDevice {
    queues = List.copyOf(queues);
  }

  /** Gives back the rings and what addresses needed; the device has been reset. */
  public void release() {
    queues.forEach(DriverQueue::release);
    OwnDma.giveBack(dma);
  }
}
