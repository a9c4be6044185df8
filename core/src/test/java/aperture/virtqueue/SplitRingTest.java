package aperture.virtqueue;

import aperture.testkit.RingContractTest;
import aperture.testkit.RingFormat;

class SplitRingTest extends RingContractTest {

  @Override
  protected RingFormat format() {
    return SplitFormat.INSTANCE;
  }
}
