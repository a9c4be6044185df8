package aperture.arch.sparc.sun4v;

/**
 * What a device is bound to, as this model keeps it: up to four handles of IOTSBs, 0 for none.
 *
 * <pre>
 *   63        48 47        32 31        16 15         0
 *   +-----------+------------+------------+------------+
 *   |  handle   |   handle   |   handle   |   handle   |
 *   +-----------+------------+------------+------------+
 * </pre>
 */
final class BindingLayout {

  static final int SLOTS = 4;

  /** What {@link #slotOf} returns for a handle that is not there. */
  static final int NOWHERE = -1;

  private static final int BITS = 16;
  private static final long MASK = 0xffff;

  private BindingLayout() {}

  static int handle(long binding, int slot) {
    return (int) (binding >>> slot * BITS & MASK);
  }

  static long with(long binding, int slot, long handle) {
    return binding & ~(MASK << slot * BITS) | handle << slot * BITS;
  }

  /** The first slot with a handle, 0 for a free one. */
  static int slotOf(long binding, long handle) {
    for (int slot = 0; slot < SLOTS; slot++) {
      if (handle(binding, slot) == handle) {
        return slot;
      }
    }
    return NOWHERE;
  }
}
