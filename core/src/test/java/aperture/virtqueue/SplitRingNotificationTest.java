package aperture.virtqueue;

import aperture.testkit.RingFormat;
import aperture.testkit.RingNotificationContractTest;

class SplitRingNotificationTest extends RingNotificationContractTest {

  @Override
  protected RingFormat format() {
    return SplitFormat.INSTANCE;
  }
}
