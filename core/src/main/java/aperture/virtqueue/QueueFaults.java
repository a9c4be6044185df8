package aperture.virtqueue;

import aperture.dma.DmaSession;
import aperture.virtqueue.QueueFault.Kind;

/** Makes queue faults from what a session says. */
final class QueueFaults {

  private QueueFaults() {}

  static QueueFault untranslated(Kind kind, int head, int descriptor, DmaSession session) {
    return session
        .fault()
        .map(dma -> QueueFault.of(kind, head, descriptor, dma))
        .orElseGet(() -> QueueFault.of(kind, head, descriptor, "no cause is known"));
  }
}
