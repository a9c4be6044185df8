package aperture.guest.fake;

import aperture.virtio.FeatureSet;
import aperture.virtqueue.ChainReader;
import aperture.virtqueue.ChainWriter;
import aperture.virtqueue.DescriptorChain;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** A block device in memory, with ways to misbehave. */
public final class RamDisk implements FakeModel {

  private static final int SECTOR = 512;
  private static final int RO = 5;

  /** What the disk does wrong. */
  public enum Mischief {
    NONE,
    /** Every read fails. */
    FAIL_READS,
    /** Writes are answered, and forgotten. */
    FORGET_WRITES,
    /** Writes go to the next sector. */
    MISDIRECT_WRITES,
    /** Each read differs from the one before. */
    CHANGE_READS,
    /** The status byte is not written. */
    NO_STATUS
  }

  private final byte[] content;
  private final FeatureSet features;
  private final ByteBuffer config = ByteBuffer.allocate(96).order(ByteOrder.LITTLE_ENDIAN);
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong flushes = new AtomicLong();
  private volatile Mischief mischief = Mischief.NONE;

  /**
   * @param features bits of the device type
   */
  public RamDisk(int bytes, int queues, int... features) {
    content = new byte[bytes];
    new SplittableRandom(bytes).nextBytes(content);
    this.features = FeatureSet.of(features);
    config
        .putLong(0, bytes / SECTOR)
        .putInt(8, 1000)
        .putInt(12, 30)
        .putInt(20, SECTOR)
        .putShort(34, (short) queues);
  }

  public void misbehave(Mischief how) {
    mischief = how;
  }

  public byte[] content() {
    return content;
  }

  public long reads() {
    return reads.get();
  }

  public long writes() {
    return writes.get();
  }

  public long flushes() {
    return flushes.get();
  }

  @Override
  public int deviceId() {
    return 2;
  }

  @Override
  public FeatureSet features() {
    return features;
  }

  @Override
  public byte[] config() {
    return config.array();
  }

  @Override
  public void serve(DescriptorChain chain) {
    ChainReader reader = chain.reader();
    ChainWriter writer = chain.writer();
    int type = reader.get32();
    reader.skip(4);
    int at = Math.toIntExact(reader.get64() * SECTOR);
    boolean ok =
        switch (type) {
          case 0 -> read(writer, at);
          case 1 -> write(reader, at);
          case 4 -> flushes.incrementAndGet() > 0;
          default -> false;
        };
    if (mischief != Mischief.NO_STATUS) {
      writer.putLast8((byte) (ok ? 0 : 1));
    }
    chain.complete(writer.total());
  }

  private boolean read(ChainWriter writer, int at) {
    int length = (int) writer.total() - 1;
    long count = reads.incrementAndGet();
    if (mischief == Mischief.FAIL_READS || at + length > content.length || length % SECTOR != 0) {
      return false;
    }
    if (mischief == Mischief.CHANGE_READS) {
      writer.put8((byte) count);
      writer.put(content, at + 1, length - 1);
      return true;
    }
    writer.put(content, at, length);
    return true;
  }

  private boolean write(ChainReader reader, int at) {
    int length = (int) reader.remaining();
    writes.incrementAndGet();
    if (features.has(RO) || at + length > content.length || length % SECTOR != 0) {
      return false;
    }
    switch (mischief) {
      case FORGET_WRITES -> {}
      case MISDIRECT_WRITES ->
          reader.get(content, (at + SECTOR) % (content.length - length), length);
      default -> reader.get(content, at, length);
    }
    return true;
  }
}
