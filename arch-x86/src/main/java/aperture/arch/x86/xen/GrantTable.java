package aperture.arch.x86.xen;

import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import java.lang.invoke.VarHandle;

/** The guest's hand on its grant table. Used under the lock of the machine's IOMMU. */
final class GrantTable {

  private final GuestMemory memory;
  private final long base;
  private final long entries;

  GrantTable(GuestMemory memory, long base, long entries) {
    this.memory = memory;
    this.base = base;
    this.entries = entries;
  }

  long entries() {
    return entries;
  }

  /** Lets the back end use a frame. */
  void grant(long reference, long frame, boolean readOnly) throws IommuException {
    long at = at(reference);
    if (at < 0) {
      throw new IommuException("the grant table at 0x%x is not in memory".formatted(base));
    }
    // What the entry holds was free until now; frame, domain and type appear in one store.
    VarHandle.releaseFence();
    memory.putLe64(at, GrantEntryLayout.access(frame, GrantReader.BACK_END, readOnly));
  }

  /** Takes grants back. The caller makes sure that nobody uses them any more. */
  void revoke(long reference, long count) {
    for (long i = 0; i < count; i++) {
      long at = at(reference + i);
      if (at >= 0) {
        memory.putLe64(at, 0);
      }
    }
    // Free before anybody waits for its users: a walk after that cannot find the old entry.
    VarHandle.fullFence();
  }

  boolean isFree(long reference) {
    long at = at(reference);
    return at >= 0 && GrantEntryLayout.type(memory.getLe64(at)) == GrantEntryLayout.FREE;
  }

  private long at(long reference) {
    return memory.offsetOf(base + reference * GrantEntryLayout.SIZE, GrantEntryLayout.SIZE);
  }
}
