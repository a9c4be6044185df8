package aperture.devices.blk;

import aperture.virtio.FeatureSet;

/**
 * Whether completed writes may still be volatile. Everything but {@link #writeThrough} is called
 * under the device's lock.
 *
 * <pre>
 *   accepted            mode
 *   neither             write-through: no driver would ever flush
 *   FLUSH               write-back: durable after a completed flush
 *   CONFIG_WCE          what the field writeback says; it starts as 1 with FLUSH, as 0 without
 * </pre>
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Block Device", "Device Initialization" and
 * "Device Operation".
 */
final class WriteCache {

  private boolean configurable;
  private boolean field = true;
  private volatile boolean writeThrough;

  /** The driver has chosen its features. */
  void negotiate(FeatureSet accepted) {
    boolean flush = accepted.has(BlkFeature.FLUSH);
    configurable = accepted.has(BlkFeature.CONFIG_WCE);
    field = flush;
    writeThrough = !field;
  }

  void reset() {
    configurable = false;
    field = true;
    writeThrough = false;
  }

  /** Whether the driver may write the field. */
  boolean configurable() {
    return configurable;
  }

  /** The field writeback of the configuration space. */
  boolean field() {
    return field;
  }

  /** The driver wrote the field. */
  void select(boolean writeBack) {
    field = writeBack;
    writeThrough = !writeBack;
  }

  /** Whether a write must be durable before it completes. */
  boolean writeThrough() {
    return writeThrough;
  }
}
