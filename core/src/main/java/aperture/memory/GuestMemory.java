package aperture.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The memory of one guest: regions of guest-physical addresses over a single host mapping.
 *
 * <p>Two kinds of numbers name a byte. A <em>guest-physical address</em> (GPA) is what the guest
 * means; a <em>host offset</em> is the place in the mapping. {@link #offsetOf} is the one bounds
 * check: it turns a whole GPA range into a host offset, or says that the range is not memory. Every
 * accessor takes a host offset, and the mapping's own bounds make a wrong one harmless.
 *
 * <pre>
 *   GPA      0 ........ low end      4 GiB ........ high end
 *            |  region 0   |         |   region 1    |
 *   offset   0 ........... size0 ... size0 + size1
 * </pre>
 *
 * <p>Only touched pages cost host memory. All accesses to rings and guest memory go through this
 * class, so that how the mapping is reached can change in one place.
 */
public final class GuestMemory implements AutoCloseable {

  /** Result of {@link #offsetOf} for a range that is not wholly inside one region. */
  public static final long NOT_MEMORY = -1;

  private static final ValueLayout.OfShort LE16 =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort LE16U = LE16.withByteAlignment(1);
  private static final ValueLayout.OfInt LE32U =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LE64U =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt BE32U =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BE64U =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final VarHandle ORDERED16 = LE16.varHandle();

  /** Up to this many regions a row of comparisons beats a search. */
  private static final int FEW = 4;

  /**
   * Channel windows start every half GiB and reach 1.5 GiB, so that any piece up to 1 GiB fits in
   * one; a buffer of 2 GiB cannot be.
   */
  private static final long WINDOW_STEP = 1L << 29;

  private static final long WINDOW_REACH = 3 * WINDOW_STEP;

  private final MemorySegment segment;
  private final Arena arena;
  private final List<MemoryRange> regions;
  private final long[] bases;
  private final long[] sizes;
  private final long[] offsets;
  private final long size;

  // The first region once more: nearly all that a walk reads lies in it.
  private final long firstBase;
  private final long firstSize;
  private final long firstOffset;

  private GuestMemory(
      List<MemoryRange> regions, long[] offsets, MemorySegment segment, Arena arena) {
    this.regions = List.copyOf(regions);
    this.offsets = offsets;
    this.segment = segment;
    this.arena = arena;
    int n = regions.size();
    bases = new long[n];
    sizes = new long[n];
    for (int i = 0; i < n; i++) {
      bases[i] = regions.get(i).base();
      sizes[i] = regions.get(i).size();
    }
    size = total(regions);
    firstBase = n == 0 ? 0 : bases[0];
    firstSize = n == 0 ? 0 : sizes[0];
    firstOffset = n == 0 ? 0 : offsets[0];
  }

  private static long total(List<MemoryRange> regions) {
    return regions.stream().mapToLong(MemoryRange::size).reduce(0, Math::addExact);
  }

  /** Host offsets of regions that lie one after the other. */
  private static long[] packed(List<MemoryRange> regions) {
    long[] offsets = new long[regions.size()];
    for (int i = 1; i < offsets.length; i++) {
      offsets[i] = offsets[i - 1] + regions.get(i - 1).size();
    }
    return offsets;
  }

  /**
   * Makes zeroed guest memory whose pages take host memory when first written.
   *
   * @param ranges guest-physical ranges, disjoint, in any order, at least one
   * @throws IllegalArgumentException when ranges overlap or none is given
   * @throws IOException when the host cannot supply the mapping
   */
  public static GuestMemory allocate(List<MemoryRange> ranges) throws IOException {
    List<MemoryRange> sorted = sortedDisjoint(ranges);
    long total = total(sorted);
    Arena arena = Arena.ofShared();
    // A private mapping of a sparse, already deleted file: untouched pages cost nothing, touched
    // ones are anonymous memory that is never written anywhere.
    Path file = Files.createTempFile("aperture-ram", null);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE,
            StandardOpenOption.SPARSE)) {
      MemorySegment segment = channel.map(FileChannel.MapMode.PRIVATE, 0, total, arena);
      return new GuestMemory(sorted, packed(sorted), segment, arena);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Wraps a mapping that somebody else made; the regions lie in it one after the other.
   *
   * @param ranges guest-physical ranges in the order in which they lie in {@code segment},
   *     ascending and disjoint; none for a memory without a byte
   * @param segment at least as large as the ranges together
   * @param arena closed together with this memory
   */
  public static GuestMemory wrap(List<MemoryRange> ranges, MemorySegment segment, Arena arena) {
    requireAscending(ranges);
    long total = total(ranges);
    if (segment.byteSize() < total) {
      throw new IllegalArgumentException(
          "mapping of %d bytes is too small for %d".formatted(segment.byteSize(), total));
    }
    return new GuestMemory(ranges, packed(ranges), segment, arena);
  }

  /**
   * Wraps a mapping that somebody else made, in which the regions have places of their own: where
   * pages are large, they cannot be moved together.
   *
   * @param ranges guest-physical ranges, ascending and disjoint
   * @param offsets for each range where it begins in {@code segment}; ascending, none reaching into
   *     the next
   * @param segment reaches to the end of the last range at least
   * @param arena closed together with this memory
   */
  public static GuestMemory wrap(
      List<MemoryRange> ranges, long[] offsets, MemorySegment segment, Arena arena) {
    requireAscending(ranges);
    if (offsets.length != ranges.size()) {
      throw new IllegalArgumentException(
          "%d offsets for %d ranges".formatted(offsets.length, ranges.size()));
    }
    long free = 0;
    for (int i = 0; i < offsets.length; i++) {
      if (offsets[i] < free) {
        throw new IllegalArgumentException(
            "range %s at offset %d reaches into another".formatted(ranges.get(i), offsets[i]));
      }
      free = Math.addExact(offsets[i], ranges.get(i).size());
    }
    if (segment.byteSize() < free) {
      throw new IllegalArgumentException(
          "mapping of %d bytes is too small for %d".formatted(segment.byteSize(), free));
    }
    return new GuestMemory(ranges, offsets.clone(), segment, arena);
  }

  private static void requireAscending(List<MemoryRange> ranges) {
    if (!ranges.isEmpty() && !sortedDisjoint(ranges).equals(ranges)) {
      throw new IllegalArgumentException("ranges " + ranges + " are not ascending");
    }
  }

  private static List<MemoryRange> sortedDisjoint(List<MemoryRange> ranges) {
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException("guest memory needs at least one range");
    }
    List<MemoryRange> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparing(MemoryRange::base, Long::compareUnsigned));
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i - 1).overlaps(sorted.get(i))) {
        throw new IllegalArgumentException(
            "ranges %s and %s overlap".formatted(sorted.get(i - 1), sorted.get(i)));
      }
    }
    return sorted;
  }

  /** The guest-physical regions. */
  public List<MemoryRange> regions() {
    return regions;
  }

  /** Bytes of memory in all regions together. */
  public long size() {
    return size;
  }

  /**
   * The bounds check: where {@code length} bytes from {@code gpa} lie in the mapping.
   *
   * @param length at least 1
   * @return host offset, or {@link #NOT_MEMORY} when the range is empty, leaves its region, or
   *     wraps
   */
  public long offsetOf(long gpa, long length) {
    long inside = gpa - firstBase;
    return length > 0
            && length <= firstSize
            && Long.compareUnsigned(inside, firstSize - length) <= 0
        ? firstOffset + inside
        : offsetBeyondFirst(gpa, length);
  }

  private long offsetBeyondFirst(long gpa, long length) {
    int region = regionOf(gpa);
    if (region < 0) {
      return NOT_MEMORY;
    }
    long inside = gpa - bases[region];
    return length > 0 && length <= sizes[region] - inside ? offsets[region] + inside : NOT_MEMORY;
  }

  /** Index of the region that holds an address, negative when none does. */
  private int regionOf(long gpa) {
    if (bases.length > FEW) {
      return search(gpa);
    }
    for (int i = 0; i < bases.length; i++) {
      if (Long.compareUnsigned(gpa - bases[i], sizes[i]) < 0) {
        return i;
      }
    }
    return -1;
  }

  private int search(long gpa) {
    int low = 0;
    int high = bases.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(gpa, bases[middle]) < 0) {
        high = middle - 1;
      } else if (Long.compareUnsigned(gpa - bases[middle], sizes[middle]) < 0) {
        return middle;
      } else {
        low = middle + 1;
      }
    }
    return -1;
  }

  /** Bytes from {@code gpa} to the end of its region; 0 when it is not memory. */
  public long contiguousFrom(long gpa) {
    int region = regionOf(gpa);
    return region < 0 ? 0 : sizes[region] - (gpa - bases[region]);
  }

  /**
   * The guest-physical address of a host offset.
   *
   * @throws IndexOutOfBoundsException when the offset is in no region
   */
  public long gpaOf(long offset) {
    for (int i = 0; i < bases.length; i++) {
      long inside = offset - offsets[i];
      if (inside >= 0 && inside < sizes[i]) {
        return bases[i] + inside;
      }
    }
    throw new IndexOutOfBoundsException("host offset " + offset);
  }

  public byte get8(long offset) {
    return segment.get(ValueLayout.JAVA_BYTE, offset);
  }

  public void put8(long offset, byte value) {
    segment.set(ValueLayout.JAVA_BYTE, offset, value);
  }

  public short getLe16(long offset) {
    return segment.get(LE16U, offset);
  }

  public void putLe16(long offset, short value) {
    segment.set(LE16U, offset, value);
  }

  public int getLe32(long offset) {
    return segment.get(LE32U, offset);
  }

  public void putLe32(long offset, int value) {
    segment.set(LE32U, offset, value);
  }

  public long getLe64(long offset) {
    return segment.get(LE64U, offset);
  }

  public void putLe64(long offset, long value) {
    segment.set(LE64U, offset, value);
  }

  public int getBe32(long offset) {
    return segment.get(BE32U, offset);
  }

  public void putBe32(long offset, int value) {
    segment.set(BE32U, offset, value);
  }

  public long getBe64(long offset) {
    return segment.get(BE64U, offset);
  }

  public void putBe64(long offset, long value) {
    segment.set(BE64U, offset, value);
  }

  /** Little-endian 16-bit load-acquire; {@code offset} must be even. */
  public short loadAcquire16(long offset) {
    return (short) ORDERED16.getAcquire(segment, offset);
  }

  /** Little-endian 16-bit store-release; {@code offset} must be even. */
  public void storeRelease16(long offset, short value) {
    ORDERED16.setRelease(segment, offset, value);
  }

  /** Little-endian 16-bit load that is never torn and never cached; {@code offset} must be even. */
  public short loadOpaque16(long offset) {
    return (short) ORDERED16.getOpaque(segment, offset);
  }

  /** Little-endian 16-bit store that is never torn; {@code offset} must be even. */
  public void storeOpaque16(long offset, short value) {
    ORDERED16.setOpaque(segment, offset, value);
  }

  /** Copies {@code length} bytes out of guest memory. */
  public void read(long offset, byte[] target, int at, int length) {
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, target, at, length);
  }

  /** Copies {@code length} bytes into guest memory. */
  public void write(long offset, byte[] source, int at, int length) {
    MemorySegment.copy(source, at, segment, ValueLayout.JAVA_BYTE, offset, length);
  }

  /** Copies {@code length} bytes out of guest memory. */
  public void read(long offset, MemorySegment target, long at, long length) {
    MemorySegment.copy(segment, offset, target, at, length);
  }

  /** Copies {@code length} bytes into guest memory. */
  public void write(long offset, MemorySegment source, long at, long length) {
    MemorySegment.copy(source, at, segment, offset, length);
  }

  /** Fills {@code length} bytes with {@code value}. */
  public void fill(long offset, long length, byte value) {
    segment.asSlice(offset, length).fill(value);
  }

  /**
   * Windows over the mapping for channel I/O. The caller owns the list and the buffers' positions;
   * make them once per thread and reach them with {@link #window}.
   */
  public List<ByteBuffer> newWindows() {
    List<ByteBuffer> windows = new ArrayList<>();
    for (long start = 0; start < segment.byteSize(); start += WINDOW_STEP) {
      long length = Math.min(segment.byteSize() - start, WINDOW_REACH);
      windows.add(segment.asSlice(start, length).asByteBuffer());
    }
    return windows;
  }

  /**
   * Points one of {@code windows} at a piece of guest memory.
   *
   * @param windows from {@link #newWindows}
   * @param length at most 1 GiB
   * @return the buffer, with position and limit around the piece
   */
  public static ByteBuffer window(List<ByteBuffer> windows, long offset, int length) {
    ByteBuffer window = windows.get((int) (offset / WINDOW_STEP));
    int position = (int) (offset % WINDOW_STEP);
    return window.limit(position + length).position(position);
  }

  /** Gives the mapping back. Later accesses fail with an exception instead of touching it. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
