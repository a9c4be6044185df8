package aperture.vhostuser.internal.memory;

import aperture.memory.MemoryRange;
import aperture.vhostuser.internal.sys.Mapping;
import java.io.IOException;
import java.util.List;

/** What a region must be, alone and beside others. */
final class RegionChecks {

  /** Rings are accessed by address, so that a guest-physical page must be one of the host's. */
  private static final int GUEST_PAGE = 4096;

  private RegionChecks() {}

  /** A region by itself. */
  static void check(Region region) throws IOException {
    long size = region.size();
    if (size <= 0 || size > RegionTable.MAX_BYTES) {
      throw new RegionException(region + " is empty or larger than any memory");
    }
    if (wraps(region.gpa(), size) || wraps(region.userAddress(), size)) {
      throw new RegionException(region + " wraps around the end of all addresses");
    }
    if (region.gpa() % GUEST_PAGE != 0) {
      throw new RegionException(region + " does not begin with a page");
    }
    if (region.mmapOffset() < 0 || region.mmapOffset() % Mapping.pageSize() != 0) {
      throw new RegionException(region + " does not begin with a page of its file");
    }
    long file = region.file().size();
    if (region.mmapOffset() > file || size > file - region.mmapOffset()) {
      throw new RegionException("%s reaches beyond its file of 0x%x".formatted(region, file));
    }
  }

  private static boolean wraps(long base, long size) {
    return Long.compareUnsigned(base + (size - 1), base) < 0;
  }

  /** A region beside others. */
  static void checkBeside(Region region, List<Region> others) throws RegionException {
    MemoryRange guest = region.guest();
    MemoryRange user = region.user();
    long total = region.size();
    for (Region other : others) {
      if (guest.overlaps(other.guest()) || user.overlaps(other.user())) {
        throw new RegionException("%s overlaps %s".formatted(region, other));
      }
      total += other.size();
    }
    if (others.size() >= RegionTable.MAX_SLOTS) {
      throw new RegionException(
          "%s is one more than the %d there can be".formatted(region, RegionTable.MAX_SLOTS));
    }
    if (total > RegionTable.MAX_BYTES) {
      throw new RegionException(region + " makes the memory larger than any");
    }
  }
}
