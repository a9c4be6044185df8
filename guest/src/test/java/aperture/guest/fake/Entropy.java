package aperture.guest.fake;

import aperture.virtio.FeatureSet;
import aperture.virtqueue.ChainWriter;
import aperture.virtqueue.DescriptorChain;
import java.util.Arrays;

/** An entropy device that answers with one byte value, and a bounded number of bytes. */
public final class Entropy implements FakeModel {

  private final byte value;
  private final int most;

  public Entropy(int value, int most) {
    this.value = (byte) value;
    this.most = most;
  }

  @Override
  public int deviceId() {
    return 4;
  }

  @Override
  public FeatureSet features() {
    return FeatureSet.NONE;
  }

  @Override
  public byte[] config() {
    return new byte[0];
  }

  @Override
  public void serve(DescriptorChain chain) {
    ChainWriter writer = chain.writer();
    byte[] data = new byte[(int) Math.min(most, writer.total())];
    Arrays.fill(data, value);
    writer.put(data, 0, data.length);
    chain.complete(data.length);
  }
}
