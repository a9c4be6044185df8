package aperture.devices.blk;

import aperture.block.BlockStore;
import aperture.devices.blk.BlkCounters.Count;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.FeatureSet;
import aperture.virtio.NamedFeature;
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
import java.util.OptionalLong;

/** A block device on a store. */
final class BlkDevice implements VirtioDevice {

  private final BlkOptions options;
  private final BlockStore store;
  private final boolean readOnly;
  private final Capacity capacity;
  private final HostErrors errors;
  private final WriteCache cache = new WriteCache();
  private final BlkQueue[] queues;
  private final FeatureSet features;
  private volatile Runnable listener = () -> {};

  /**
   * Serves a store, which it closes in the end.
   *
   * @param id its name
   */
  BlkDevice(String id, BlkOptions options, BlockStore store) {
    this.options = options;
    this.store = store;
    this.readOnly = options.readOnly() || store.readOnly();
    this.capacity = new Capacity(store, options.blockSize());
    this.errors = new HostErrors(id);
    byte[] serial = options.serial().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(serial, BlkRequestLayout.ID_BYTES);
    queues = new BlkQueue[options.queues()];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new BlkQueue(store, capacity, readOnly, cache, errors, padded);
    }
    features = offered();
    store.onResize(this::capacityChanged);
  }

  private FeatureSet offered() {
    FeatureSet set =
        FeatureSet.of(
            BlkFeature.SEG_MAX, BlkFeature.BLK_SIZE, BlkFeature.FLUSH, BlkFeature.TOPOLOGY);
    if (options.queues() > 1) {
      set = set.with(BlkFeature.MQ);
    }
    if (readOnly) {
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

  @Override
  public Optional<NamedFeature> feature(int bit) {
    return BlkFeature.named(bit);
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
        .putLong(BlkConfigLayout.CAPACITY, capacity.sectors())
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
        store.flush();
      } catch (IOException e) {
        errors.report(e);
        cache.select(true);
      }
      return;
    }
    cache.select(writeBack);
  }

  @Override
  public void onConfigChange(Runnable newListener) {
    listener = newListener;
  }

  private void capacityChanged() {
    if (capacity.announce()) {
      listener.run();
    }
  }

  @Override
  public long resize(OptionalLong bytes) throws DeviceConfigurationException, IOException {
    if (bytes.isEmpty()) {
      store.refresh();
    } else {
      resizeTo(bytes.getAsLong());
    }
    capacityChanged();
    return capacity.sectors() * BlkRequestLayout.SECTOR_BYTES;
  }

  private void resizeTo(long bytes) throws DeviceConfigurationException, IOException {
    if (bytes <= 0 || bytes % options.blockSize() != 0) {
      throw new DeviceConfigurationException(
          "%d bytes are no multiple of the block size %d".formatted(bytes, options.blockSize()));
    }
    // Not a request may reach what the store is about to give up.
    capacity.limit(bytes);
    try {
      for (BlkQueue queue : queues) {
        queue.awaitBoundary();
      }
      store.resize(bytes);
    } finally {
      capacity.unlimit();
    }
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
    details.put("store", options.store());
    details.putAll(store.details());
    details.put("size", Long.toString(store.capacity()));
    details.put("read-only", Boolean.toString(readOnly));
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
    store.close();
  }
}
