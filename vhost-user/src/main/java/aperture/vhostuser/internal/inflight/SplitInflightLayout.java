package aperture.vhostuser.internal.inflight;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One queue's part of the in-flight region, split ring. Native byte order.
 *
 * <pre>
 *   0         features      u64    0
 *   8         version       u16    0: never used, 1
 *   10        desc_num      u16    entries
 *   12        last_batch    u16    head of the chain used last; `next` links its batch
 *   14        used_idx      u16    used index up to which everything is cleared
 *   16 + 16i  inflight      u8     1: chain i was taken and is not known to be used
 *             (5 bytes)
 *   22 + 16i  next          u16
 *   24 + 16i  counter       u64    order of taking
 * </pre>
 *
 * <p>Vhost-user Protocol, section "In-flight I/O tracking".
 */
final class SplitInflightLayout {

  static final short VERSION = 1;

  static final long FEATURES_AT = 0;
  static final long VERSION_AT = 8;
  static final long ENTRIES_AT = 10;
  static final long LAST_BATCH_AT = 12;
  static final long USED_INDEX_AT = 14;

  private static final long FIRST_ENTRY = 16;
  private static final long ENTRY_SIZE = 16;
  private static final long NEXT_OFFSET = 6;
  private static final long COUNTER_OFFSET = 8;
  private static final long ALIGNMENT = 64;

  static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  static final VarHandle U16 =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.nativeOrder()).varHandle();
  static final VarHandle U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.nativeOrder()).varHandle();

  private SplitInflightLayout() {}

  /** Bytes of one queue's part. */
  static long bytes(int entries) {
    long used = FIRST_ENTRY + ENTRY_SIZE * entries;
    return (used + ALIGNMENT - 1) & -ALIGNMENT;
  }

  static long inflight(int head) {
    return FIRST_ENTRY + ENTRY_SIZE * head;
  }

  static long next(int head) {
    return inflight(head) + NEXT_OFFSET;
  }

  static long counter(int head) {
    return inflight(head) + COUNTER_OFFSET;
  }
}
