package aperture.arch.x86.xen;

/**
 * The list that says where a guest's pages lie: one machine frame number of 8 bytes for each
 * guest-physical frame, in their order.
 *
 * <pre>
 *   63 ............................. 0
 *   machine frame, or all ones: no page
 * </pre>
 *
 * <p>Source: xen/include/public/xen.h, struct start_info, mfn_list; Linux 6.1, arch/x86/xen/p2m.c.
 */
final class PhysicalToMachineLayout {

  static final int ENTRY_SIZE = 8;

  /** A frame without memory. */
  static final long NONE = -1L;

  private PhysicalToMachineLayout() {}

  static long offset(long frame) {
    return frame * ENTRY_SIZE;
  }
}
