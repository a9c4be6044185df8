package aperture.core.internal.dma;

import aperture.iommu.Access;
import aperture.iommu.IommuSnapshot;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Takes the state of a live IOMMU in neutral form. */
final class Snapshots {

  private static final int PAGE = 4096;

  private Snapshots() {}

  /** Called with the lock of the IOMMU held. */
  static IommuSnapshot take(
      String kind, String machineType, UnitState state, @Nullable Attachment attachment) {
    GuestMemory memory = state.memory();
    Set<Long> pages = new TreeSet<>(Long::compareUnsigned);
    if (attachment != null) {
      WalkResult walk = new WalkResult();
      state
          .ledger()
          .forEach((endpoint, iova, gpa, size, permission) -> {
            for (long at = 0; at < size; at += PAGE) {
              Walks.walk(attachment.walker(), endpoint, iova + at, Access.READ, walk);
              addPages(walk, memory, pages);
            }
          });
    }
    List<MemoryRange> ram = memory.regions();
    return new IommuSnapshot(
        kind,
        machineType,
        state.registers().snapshot(),
        state.endpoints(),
        ram,
        copy(pages, memory),
        state.tables().snapshot());
  }

  private static void addPages(WalkResult walk, GuestMemory memory, Set<Long> pages) {
    for (int i = 0; i < walk.steps(); i++) {
      long page = walk.stepAddress(i) & -PAGE;
      if (memory.offsetOf(page, PAGE) != GuestMemory.NOT_MEMORY) {
        pages.add(page);
      }
    }
  }

  private static List<IommuSnapshot.Page> copy(Set<Long> pages, GuestMemory memory) {
    List<IommuSnapshot.Page> copies = new ArrayList<>();
    for (long page : pages) {
      byte[] bytes = new byte[PAGE];
      memory.read(memory.offsetOf(page, PAGE), bytes, 0, PAGE);
      copies.add(new IommuSnapshot.Page(page, bytes));
    }
    return copies;
  }
}
