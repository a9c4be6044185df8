package aperture.vhostuser.internal.memory;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.vhostuser.internal.sys.Mapping;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lays regions side by side in one reservation of addresses.
 *
 * <p>A file of huge pages can be mapped only from one of its pages on, at an address that is a
 * multiple of one; a region may begin inside a page, so that each has a little room before and
 * behind it.
 *
 * <pre>
 *   | room before | region 0 | room behind | padding | room before | region 1 | ...
 *   ^ multiple of the page size of region 0's file   ^ of region 1's
 * </pre>
 */
final class RegionMapping {

  /** Where a region's pages lie: in the reservation, and in the file. */
  private record Place(Region region, long position, long fileOffset, long length) {

    static Place after(long end, Region region) throws IOException {
      long unit = region.file().mappingUnit();
      long fileOffset = region.mmapOffset() & -unit;
      long length = up(region.mmapOffset() + region.size() - fileOffset, unit);
      return new Place(region, up(end, unit), fileOffset, length);
    }

    long end() {
      return position + length;
    }

    long regionOffset() {
      return position + (region.mmapOffset() - fileOffset);
    }

    private static long up(long value, long unit) {
      return (value + unit - 1) & -unit;
    }
  }

  private RegionMapping() {}

  /** Maps regions that have been checked. */
  static GuestMemory of(List<Region> regions) throws IOException {
    if (regions.isEmpty()) {
      return GuestMemory.wrap(List.of(), MemorySegment.NULL, Arena.ofShared());
    }
    Place[] places = new Place[regions.size()];
    long end = 0;
    long alignment = Mapping.pageSize();
    List<Region> ascending =
        regions.stream().sorted(Comparator.comparing(Region::gpa, Long::compareUnsigned)).toList();
    for (int i = 0; i < places.length; i++) {
      Region region = ascending.get(i);
      places[i] = Place.after(end, region);
      end = places[i].end();
      alignment = Math.max(alignment, region.file().mappingUnit());
    }
    try (Mapping mapping = Mapping.reserve(end, alignment)) {
      fill(mapping, places);
      return wrap(mapping, places);
    }
  }

  private static void fill(Mapping mapping, Place[] places) throws IOException {
    long end = 0;
    for (Place place : places) {
      if (place.position > end) {
        mapping.pad(end, place.position - end);
      }
      mapping.place(place.position, place.region.file(), place.fileOffset, place.length);
      end = place.end();
    }
  }

  private static GuestMemory wrap(Mapping mapping, Place[] places) {
    long[] offsets = new long[places.length];
    List<MemoryRange> ranges = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      offsets[i] = places[i].regionOffset();
      ranges.add(places[i].region.guest());
    }
    Arena arena = Arena.ofShared();
    return GuestMemory.wrap(ranges, offsets, mapping.segment(arena), arena);
  }
}
