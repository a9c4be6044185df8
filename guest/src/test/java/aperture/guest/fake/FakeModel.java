package aperture.guest.fake;

import aperture.virtio.FeatureSet;
import aperture.virtqueue.DescriptorChain;

/** What a test device does with requests. Thread-safe. */
public interface FakeModel {

  int deviceId();

  FeatureSet features();

  byte[] config();

  void serve(DescriptorChain chain);
}
