package aperture.arch.sparc.sun4v;

import aperture.iommu.Permission;
import aperture.memory.GuestMemory;

/**
 * The kernel's half of the calls: it fills a page with addresses, traps, and calls again while
 * counts come back short. The page is one of the kernel's own.
 */
final class HvClient {

  private final GuestMemory memory;
  private final Hypervisor hypervisor;

  /** Reused, so that mapping allocates nothing. */
  private final long[] registers = new long[HvCallLayout.REGISTERS];

  HvClient(GuestMemory memory, Hypervisor hypervisor) {
    this.memory = memory;
    this.hypervisor = hypervisor;
  }

  /**
   * A trap.
   *
   * @return the registers after it, until the next one
   */
  long[] trap(int number, long o1, long o2, long o3, long o4) {
    registers[HvCallLayout.O0] = RootComplex.HANDLE;
    registers[HvCallLayout.O1] = o1;
    registers[HvCallLayout.O2] = o2;
    registers[HvCallLayout.O3] = o3;
    registers[HvCallLayout.O4] = o4;
    registers[HvCallLayout.O5] = number;
    hypervisor.trap(registers);
    return registers;
  }

  /**
   * Maps pages that lie together.
   *
   * @param handle of the IOTSB, 0 for the first table
   * @param list real address of a page for the list
   */
  long map(long handle, long index, long gpa, long pages, Permission permission, long list) {
    long at = memory.offsetOf(list, RootComplex.PAGE_SIZE);
    if (at == GuestMemory.NOT_MEMORY) {
      return HvStatus.NO_REAL_ADDRESS;
    }
    long attributes = IotteLayout.READ | (permission.write() ? IotteLayout.WRITE : 0);
    long done = 0;
    while (done < pages) {
      long count = Math.min(pages - done, HvCallLayout.BATCH);
      for (long i = 0; i < count; i++) {
        memory.putBe64(
            at + i * HvCallLayout.ADDRESS_BYTES, gpa + (done + i << RootComplex.PAGE_SHIFT));
      }
      long first = index + done;
      long[] answer =
          handle == RootComplex.FIRST
              ? trap(HvCallLayout.MAP, first, count, attributes, list)
              : trap(
                  HvCallLayout.IOTSB_MAP,
                  handle,
                  HvCallLayout.countAndIndex(count, first),
                  attributes,
                  list);
      if (answer[HvCallLayout.O0] != HvStatus.OK) {
        return answer[HvCallLayout.O0];
      }
      done += answer[HvCallLayout.O1];
    }
    return HvStatus.OK;
  }

  void demap(long handle, long index, long pages) {
    long done = 0;
    long status = HvStatus.OK;
    while (done < pages && status == HvStatus.OK) {
      long[] answer =
          handle == RootComplex.FIRST
              ? trap(HvCallLayout.DEMAP, index + done, pages - done, 0, 0)
              : trap(HvCallLayout.IOTSB_DEMAP, handle, index + done, pages - done, 0);
      status = answer[HvCallLayout.O0];
      done += answer[HvCallLayout.O1];
    }
  }
}
