package aperture.core.internal.device;

import aperture.virtio.VirtioDevice;
import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.VirtqueueConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What a driver wrote about the queues of a device, until it goes live. A queue that does not exist
 * is one that cannot be set up, and never an error. Guarded by the engine's lock, but for what
 * never changes.
 */
final class QueueSetup {

  private final List<VirtqueueConfig> configs = new ArrayList<>();

  QueueSetup(VirtioDevice device) {
    for (int i = 0; i < device.queues(); i++) {
      configs.add(new VirtqueueConfig(device.maxQueueSize(i)));
    }
  }

  int count() {
    return configs.size();
  }

  int maxSize(int queue) {
    return exists(queue) ? configs.get(queue).maxSize() : 0;
  }

  /** Sets a queue up, unless it is already. */
  void enable(int queue, int size, QueueAddresses addresses) {
    if (exists(queue) && !configs.get(queue).enabled()) {
      VirtqueueConfig config = configs.get(queue);
      config.size(size);
      config.addresses(addresses);
      config.enabled(true);
    }
  }

  void disable(int queue) {
    if (exists(queue)) {
      configs.get(queue).reset();
    }
  }

  boolean enabled(int queue) {
    return exists(queue) && configs.get(queue).enabled();
  }

  /** All zero for a queue that is not set up. */
  QueueAddresses addresses(int queue) {
    return exists(queue) ? configs.get(queue).addresses() : new QueueAddresses(0, 0, 0);
  }

  /** What there is to activate, of a queue that exists. */
  VirtqueueConfig config(int queue) {
    return configs.get(queue);
  }

  void reset() {
    configs.forEach(VirtqueueConfig::reset);
  }

  private boolean exists(int queue) {
    return queue >= 0 && queue < configs.size();
  }
}
