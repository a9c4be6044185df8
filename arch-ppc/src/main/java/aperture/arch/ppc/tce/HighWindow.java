package aperture.arch.ppc.tce;

import aperture.iommu.IommuState;
import aperture.iommu.Permission;
import aperture.memory.MemoryRange;

/**
 * How a kernel gets a second window for devices with 64-bit addresses: it asks the firmware what
 * can be had, makes the window, and fills it at once when it maps all memory directly. Whatever
 * fails leaves the default window alone.
 *
 * <p>What was made is noted with the registers, so that a successor finds it: {@code OS_DDW_} and
 * the LIOBN of the default window.
 *
 * <p>Source: Linux 6.1, arch/powerpc/platforms/pseries/iommu.c, enable_ddw, iommu_get_page_shift
 * and tce_setrange_multi_pSeriesLP.
 */
final class HighWindow {

  private static final String NOTE = "OS_DDW_";

  /** The window of single pages has 64 GiB: entries cost memory only where they are used. */
  private static final int DYNAMIC_SHIFT = 36;

  private final IommuState state;
  private final FirmwareClient firmware;
  private final TceList list;

  /**
   * @param list of the kernel's, whose page serves for argument blocks too
   */
  HighWindow(IommuState state, RtasCalls calls, TceList list) {
    this.state = state;
    this.firmware = new FirmwareClient(state.memory(), calls);
    this.list = list;
  }

  /** How the second window of a bridge is used. */
  DdwUse use(long bridge) {
    return DdwUse.ofCode(state.registers().get(note(bridge)));
  }

  /**
   * Makes the window unless there is one.
   *
   * @return whether it was made
   */
  boolean make(long bridge, DdwUse wanted) {
    if (wanted == DdwUse.NONE || use(bridge) != DdwUse.NONE) {
      return false;
    }
    long page = list.page();
    long buid = HostBridge.buidOf(bridge);
    int high = RtasLayout.high(buid);
    int low = (int) buid;
    int[] answer =
        firmware.call(page, RtasLayout.QUERY, RtasLayout.LONG_QUERY_RESULTS, 0, high, low);
    int shift =
        wanted == DdwUse.DIRECT ? DdwRules.largestShift(answer[4]) : HostBridge.DEFAULT_SHIFT;
    if (answer[0] != RtasStatus.SUCCESS || answer[1] == 0 || shift == 0) {
      return false;
    }
    int size = wanted == DdwUse.DIRECT ? Math.max(shift, memoryShift()) : DYNAMIC_SHIFT;
    int[] made =
        firmware.call(
            page, RtasLayout.CREATE, RtasLayout.CREATE_RESULTS, 0, high, low, shift, size);
    if (made[0] != RtasStatus.SUCCESS) {
      return false;
    }
    long start = RtasLayout.join(made[2], made[3]);
    if (start != HostBridge.HIGH_START
        || wanted == DdwUse.DIRECT && !fill(made[1] & 0xffff_ffffL, start, shift)) {
      firmware.call(page, RtasLayout.REMOVE, RtasLayout.STATUS_RESULT, made[1]);
      return false;
    }
    state.registers().set(note(bridge), wanted.code());
    return true;
  }

  /** Maps all memory one to one. */
  private boolean fill(long liobn, long start, int shift) {
    for (MemoryRange region : state.memory().regions()) {
      long first = region.base() >>> shift;
      long pages = (region.last() >>> shift) - first + 1;
      long gpa = first << shift;
      long status = list.put(liobn, start + gpa, gpa, pages, shift, Permission.READ_WRITE);
      if (status != HypercallStatus.SUCCESS) {
        return false;
      }
    }
    return true;
  }

  /** Log2 of the smallest power of two that is beyond all memory. */
  private int memoryShift() {
    long last = 0;
    for (MemoryRange region : state.memory().regions()) {
      last = Math.max(last, region.last());
    }
    return Long.SIZE - Long.numberOfLeadingZeros(last);
  }

  private static String note(long bridge) {
    return NOTE + Long.toHexString(bridge);
  }
}
