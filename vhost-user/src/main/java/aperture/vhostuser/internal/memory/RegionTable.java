package aperture.vhostuser.internal.memory;

import aperture.memory.GuestMemory;
import aperture.vhostuser.internal.sys.Fd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The regions of one connection, and the duty to close their files.
 *
 * <p>A refused change leaves the table as it was, and closes the files that came with it. A change
 * does not touch a {@link #mapped} memory: make the next one, let the queues move over, then close
 * the old one.
 *
 * <p>Threading: one control thread changes; any thread translates addresses, and sees the regions
 * of one moment.
 */
public final class RegionTable implements AutoCloseable {

  /** How many regions there can be. */
  public static final int MAX_SLOTS = 509;

  /** What no address is. */
  public static final long NOT_MEMORY = -1;

  /**
   * 16 TiB in all regions together: every queue of a memory keeps a window for each half GiB, so
   * that this bounds what a peer with a file of holes can make us allocate.
   */
  static final long MAX_BYTES = 1L << 44;

  /** Ascending by front-end address; replaced as a whole. */
  private volatile List<Region> regions = List.of();

  /** The regions, ascending by front-end address. */
  public List<Region> regions() {
    return regions;
  }

  /**
   * Adds a region; its file is the table's in any case.
   *
   * @throws RegionException when it cannot be taken
   */
  public void add(Region region) throws IOException {
    try {
      RegionChecks.check(region);
      RegionChecks.checkBeside(region, regions);
    } catch (IOException | RuntimeException e) {
      region.file().close();
      throw e;
    }
    List<Region> next = new ArrayList<>(regions);
    next.add(region);
    regions = sorted(next);
  }

  /**
   * Removes the region that all three numbers name.
   *
   * @throws RegionException when there is none
   */
  public void remove(long gpa, long size, long userAddress) throws RegionException {
    List<Region> next = new ArrayList<>(regions);
    for (Region region : regions) {
      if (region.is(gpa, size, userAddress)) {
        next.remove(region);
        regions = List.copyOf(next);
        region.file().close();
        return;
      }
    }
    throw new RegionException(
        "no region gpa=0x%x size=0x%x user=0x%x to remove".formatted(gpa, size, userAddress));
  }

  /**
   * Takes these regions instead of all that are here; their files are the table's in any case.
   *
   * @throws RegionException when one cannot be taken
   */
  public void replace(List<Region> fresh) throws IOException {
    List<Region> next = new ArrayList<>();
    try {
      for (Region region : fresh) {
        RegionChecks.check(region);
        RegionChecks.checkBeside(region, next);
        next.add(region);
      }
    } catch (IOException | RuntimeException e) {
      fresh.forEach(region -> region.file().close());
      throw e;
    }
    List<Region> old = regions;
    regions = sorted(next);
    old.forEach(region -> region.file().close());
  }

  private static List<Region> sorted(List<Region> regions) {
    return regions.stream()
        .sorted(Comparator.comparing(Region::userAddress, Long::compareUnsigned))
        .toList();
  }

  /**
   * Maps all regions as one memory, which the caller closes; none for a memory without a byte.
   *
   * @throws IOException when the system refuses, for one because a file is sealed or has shrunk
   */
  public GuestMemory mapped() throws IOException {
    return RegionMapping.of(regions);
  }

  /**
   * What the front end calls {@code userAddress}, as a guest-physical address.
   *
   * @param length at least 1; all of it must lie in one region
   * @return {@link #NOT_MEMORY} when it does not
   */
  public long userToGpa(long userAddress, long length) {
    List<Region> now = regions;
    int low = 0;
    int high = now.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Region region = now.get(middle);
      long inside = userAddress - region.userAddress();
      if (Long.compareUnsigned(userAddress, region.userAddress()) < 0) {
        high = middle - 1;
      } else if (Long.compareUnsigned(inside, region.size()) < 0) {
        boolean whole = length > 0 && length <= region.size() - inside;
        return whole ? region.gpa() + inside : NOT_MEMORY;
      } else {
        low = middle + 1;
      }
    }
    return NOT_MEMORY;
  }

  /**
   * What the guest calls {@code gpa}, as the front end's address.
   *
   * @param length at least 1; all of it must lie in one region
   * @return {@link #NOT_MEMORY} when it does not
   */
  public long gpaToUser(long gpa, long length) {
    for (Region region : regions) {
      long inside = gpa - region.gpa();
      if (Long.compareUnsigned(inside, region.size()) < 0) {
        boolean whole = length > 0 && length <= region.size() - inside;
        return whole ? region.userAddress() + inside : NOT_MEMORY;
      }
    }
    return NOT_MEMORY;
  }

  /** Closes every file. Memory that has been mapped stays until it is closed itself. */
  @Override
  public void close() {
    List<Region> old = regions;
    regions = List.of();
    old.stream().map(Region::file).forEach(Fd::close);
  }
}
