package aperture.devices.blk;

import aperture.devices.blk.BlkCounters.Count;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import aperture.virtqueue.ChainBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A block device on a raw image. */
final class BlkDevice implements VirtioDevice {

  private final BlkOptions options;
  private final OpenImages.Hold hold;
  private final HostErrors errors;
  private final WriteCache cache = new WriteCache();
  private final BlkQueue[] queues;
  private final FeatureSet features;

  BlkDevice(String id, BlkOptions options, OpenImages.Hold hold) {
    this.options = options;
    this.hold = hold;
    this.errors = new HostErrors(id);
    byte[] serial = options.serial().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(serial, BlkRequestLayout.ID_BYTES);
    queues = new BlkQueue[options.queues()];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new BlkQueue(hold.image(), options, cache, errors, padded);
    }
    features = offered(options);
  }

  private static FeatureSet offered(BlkOptions options) {
    FeatureSet set =
        FeatureSet.of(
            BlkFeature.SEG_MAX, BlkFeature.BLK_SIZE, BlkFeature.FLUSH, BlkFeature.TOPOLOGY);
    if (options.queues() > 1) {
      set = set.with(BlkFeature.MQ);
    }
    if (options.readOnly()) {
      return set.with(BlkFeature.RO);
    }
    set = set.with(BlkFeature.CONFIG_WCE);
    if (options.discard()) {
      set = set.with(BlkFeature.DISCARD);
    }
    return options.writeZeroes() ? set.with(BlkFeature.WRITE_ZEROES) : set;
  }

  @Override
  public FeatureSet features() {
    return features;
  }

  /** No feature of the type needs another one; but the field writeback starts by what is chosen. */
  @Override
  public Optional<String> checkFeatures(FeatureSet accepted) {
    cache.negotiate(accepted);
    return Optional.empty();
  }

  @Override
  public int queues() {
    return queues.length;
  }

  @Override
  public int maxQueueSize(int queue) {
    return options.queueSize();
  }

  @Override
  public byte[] config() {
    int blockSize = options.blockSize();
    ByteBuffer config = ByteBuffer.allocate(BlkConfigLayout.SIZE).order(ByteOrder.LITTLE_ENDIAN);
    config
        .putLong(BlkConfigLayout.CAPACITY, hold.image().size() / BlkRequestLayout.SECTOR_BYTES)
        .putInt(BlkConfigLayout.SEG_MAX, options.queueSize() - BlkLimits.FRAME_ELEMENTS)
        .putInt(BlkConfigLayout.BLK_SIZE, blockSize)
        .put(
            BlkConfigLayout.PHYSICAL_BLOCK_EXP,
            (byte) Integer.numberOfTrailingZeros(BlkLimits.PHYSICAL_BLOCK / blockSize))
        .putShort(BlkConfigLayout.MIN_IO_SIZE, (short) (BlkLimits.PHYSICAL_BLOCK / blockSize));
    if (features.has(BlkFeature.CONFIG_WCE)) {
      config.put(BlkConfigLayout.WRITEBACK, (byte) (cache.field() ? 1 : 0));
    }
    if (features.has(BlkFeature.MQ)) {
      config.putShort(BlkConfigLayout.NUM_QUEUES, (short) queues.length);
    }
    if (features.has(BlkFeature.DISCARD)) {
      config
          .putInt(BlkConfigLayout.MAX_DISCARD_SECTORS, BlkLimits.ERASE_SECTORS)
          .putInt(BlkConfigLayout.MAX_DISCARD_SEG, BlkLimits.ERASE_SEGMENTS)
          .putInt(
              BlkConfigLayout.DISCARD_SECTOR_ALIGNMENT,
              BlkLimits.PHYSICAL_BLOCK / BlkRequestLayout.SECTOR_BYTES);
    }
    if (features.has(BlkFeature.WRITE_ZEROES)) {
      // write_zeroes_may_unmap stays 0: zeroed blocks are not given back to the host.
      config
          .putInt(BlkConfigLayout.MAX_WRITE_ZEROES_SECTORS, BlkLimits.ERASE_SECTORS)
          .putInt(BlkConfigLayout.MAX_WRITE_ZEROES_SEG, BlkLimits.ERASE_SEGMENTS);
    }
    return config.array();
  }

  @Override
  public void writeConfig(int offset, byte value) {
    if (offset != BlkConfigLayout.WRITEBACK || !cache.configurable()) {
      return;
    }
    boolean writeBack = value != 0;
    if (!writeBack && !cache.writeThrough()) {
      // A driver that turns the cache off sends no more flushes: what it wrote until now must not
      // stay volatile. Switch first, so that no write slips in between.
      cache.select(false);
      try {
        hold.image().flush();
      } catch (IOException e) {
        errors.report(e);
        cache.select(true);
      }
      return;
    }
    cache.select(writeBack);
  }

  @Override
  public void activate(FeatureSet accepted) {
    for (BlkQueue queue : queues) {
      queue.activate(accepted);
    }
  }

  @Override
  public void process(int queue, ChainBatch batch) {
    queues[queue].process(batch);
  }

  @Override
  public void reset() {
    cache.reset();
  }

  @Override
  public Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("file", options.file().toString());
    details.put("size", Long.toString(hold.image().size()));
    details.put("read-only", Boolean.toString(options.readOnly()));
    details.put("serial", options.serial());
    details.put("block-size", Integer.toString(options.blockSize()));
    details.put("cache", cache.writeThrough() ? "write-through" : "write-back");
    for (Count count : Count.values()) {
      long sum = 0;
      for (BlkQueue queue : queues) {
        sum += queue.counters().get(count);
      }
      details.put(count.text(), Long.toString(sum));
    }
    if (!errors.last().isEmpty()) {
      details.put("last-host-error", errors.last());
    }
    return details;
  }

  @Override
  public void close() {
    hold.close();
  }
}
