package aperture.arch.sparc.sun4v;

import aperture.memory.GuestMemory;

/** Maps a row of pages from a list in the guest's memory: each address is read once. */
final class PageList {

  private final GuestMemory memory;

  PageList(GuestMemory memory) {
    this.memory = memory;
  }

  /** What keeps a real address from being mapped; {@link HvStatus#OK} when nothing does. */
  long check(long realAddress, long pageSize) {
    if ((realAddress & pageSize - 1) != 0) {
      return HvStatus.BAD_ALIGNMENT;
    }
    return memory.offsetOf(realAddress, pageSize) == GuestMemory.NOT_MEMORY
        ? HvStatus.NO_REAL_ADDRESS
        : HvStatus.OK;
  }

  /**
   * Maps pages until the list, the table or the batch ends, or an address is none.
   *
   * @param list real address of the list
   * @param answer receives the number of pages mapped
   * @return why not even the first could be mapped, else success
   */
  long map(IoTable table, long index, long count, long attributes, long list, long[] answer) {
    if ((list & HvCallLayout.ADDRESS_BYTES - 1) != 0) {
      return HvStatus.BAD_ALIGNMENT;
    }
    long fitting = Math.min(Math.min(count, HvCallLayout.BATCH), table.entries() - index);
    long at = memory.offsetOf(list, fitting * HvCallLayout.ADDRESS_BYTES);
    if (at == GuestMemory.NOT_MEMORY) {
      return HvStatus.NO_REAL_ADDRESS;
    }
    long status = HvStatus.OK;
    long done = 0;
    while (done < fitting && status == HvStatus.OK) {
      long page = memory.getBe64(at + done * HvCallLayout.ADDRESS_BYTES);
      status = check(page, table.pageSize());
      if (status == HvStatus.OK) {
        table.set(index + done, IotteLayout.entry(page, attributes));
        done++;
      }
    }
    answer[0] = done;
    return done > 0 ? HvStatus.OK : status;
  }
}
