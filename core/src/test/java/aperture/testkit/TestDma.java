package aperture.testkit;

import aperture.access.AddressSpace;
import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;
import aperture.iommu.IovaAllocator;
import aperture.iommu.Permission;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import java.io.IOException;
import java.util.List;

/**
 * Both faces of DMA for tests of rings and devices, without the engine. Either device addresses are
 * guest-physical and everything is reachable, or each page is somewhere else: device addresses
 * differ from guest-physical ones, neighbouring pages never touch in the host, and only what is
 * mapped is reachable, in the direction mapped.
 *
 * <p>The driver face belongs to one thread; translations may be made by others.
 */
public final class TestDma implements DriverDma, AutoCloseable {

  static final int SHIFT = 12;
  private static final long PAGE = 1L << SHIFT;
  private static final long PHYSICAL_BASE = 1L << 20;
  private static final long BUS_BASE = 7L << 32;

  private final GuestMemory memory;
  private final boolean scattered;
  private final long base;
  private final IovaAllocator pages;
  private final IovaAllocator addresses;

  /** Host offset of each driver page. */
  private final long[] hostPages;

  /** Driver page of each device page, shifted, with its permission in the low bits. */
  private final long[] table;

  private volatile long generation = 1;

  private TestDma(int count, boolean scattered) throws IOException {
    MemoryRange range = new MemoryRange(PHYSICAL_BASE, count * PAGE);
    this.memory = GuestMemory.allocate(List.of(range));
    this.scattered = scattered;
    this.base = scattered ? BUS_BASE : PHYSICAL_BASE;
    this.pages = new IovaAllocator(range, SHIFT, List.of());
    this.hostPages = new long[count];
    this.table = new long[scattered ? 2 * count : count];
    MemoryRange bus = new MemoryRange(base, table.length * PAGE);
    this.addresses = new IovaAllocator(bus, SHIFT, List.of());
    place(scattered ? 5 : 1);
    if (!scattered) {
      for (int page = 0; page < count; page++) {
        table[page] = (long) page << SHIFT | Permission.READ_WRITE.bits();
      }
    }
  }

  /** Device addresses are guest-physical addresses. */
  public static TestDma physical(int pages) throws IOException {
    return new TestDma(pages, false);
  }

  /**
   * Every page is somewhere else.
   *
   * @param pages a power of two
   */
  public static TestDma scattered(int pages) throws IOException {
    return new TestDma(pages, true);
  }

  /** Spreads driver pages over host pages; an odd stride visits each once. */
  private void place(int stride) {
    for (int page = 0; page < hostPages.length; page++) {
      hostPages[page] = (((long) page * stride) & (hostPages.length - 1)) << SHIFT;
    }
    if (stride == 1) {
      for (int page = 0; page < hostPages.length; page++) {
        hostPages[page] = (long) page << SHIFT;
      }
    }
  }

  /**
   * Moves every page to another place in the host, as when mappings change under a running device:
   * what was translated before leads to somebody else's bytes.
   */
  public void moveEverything() {
    byte[][] contents = new byte[hostPages.length][(int) PAGE];
    for (int page = 0; page < hostPages.length; page++) {
      memory.read(hostPages[page], contents[page], 0, (int) PAGE);
    }
    place(hostPages[1] == 5 * PAGE ? 11 : 5);
    for (int page = 0; page < hostPages.length; page++) {
      memory.write(hostPages[page], contents[page], 0, (int) PAGE);
    }
    changed();
  }

  /** Shifts every page but the last by one byte in the host, as regions of odd sizes would. */
  public void misalign() {
    for (int page = 0; page < hostPages.length; page++) {
      if (hostPages[page] + PAGE < memory.size()) {
        hostPages[page]++;
      }
    }
    changed();
  }

  /** Changes what the device may do with the pages of a range; {@code NONE} unmaps them. */
  public void protect(long address, long length, Permission permission) {
    for (long at = address & -PAGE; at < address + length; at += PAGE) {
      int page = (int) ((at - base) >>> SHIFT);
      table[page] = table[page] & -PAGE | permission.bits();
    }
    changed();
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer: the test
  private void changed() {
    generation++;
  }

  /** A device session. */
  public TestSession session() {
    return new TestSession(this);
  }

  public GuestMemory memory() {
    return memory;
  }

  long generation() {
    return generation;
  }

  /** Host offset of a device address, or -1 when {@code need} is not allowed there. */
  long hostOf(long address, int need) {
    long page = (address - base) >>> SHIFT;
    if (Long.compareUnsigned(page, table.length) >= 0 || (table[(int) page] & need) != need) {
      return -1;
    }
    return hostPages[(int) (table[(int) page] >>> SHIFT)] + (address & (PAGE - 1));
  }

  @Override
  public AddressSpace space() {
    return scattered ? AddressSpace.BUS : AddressSpace.PHYSICAL;
  }

  @Override
  public boolean translated() {
    return scattered;
  }

  @Override
  public void setAddressMask(long mask) {}

  @Override
  public long addressMask() {
    return -1;
  }

  private static int count(long address, long length) {
    return (int) (((address & (PAGE - 1)) + length + PAGE - 1) >>> SHIFT);
  }

  @Override
  public GuestBuffer allocate(long size) throws DmaException {
    int count = count(0, size);
    long gpa = pages.allocate(count, -1L);
    if (gpa == IovaAllocator.NO_SPACE) {
      throw new DmaException("test memory is used up");
    }
    int first = (int) ((gpa - PHYSICAL_BASE) >>> SHIFT);
    PagedBuffer buffer = new PagedBuffer(memory, hostPages, first, gpa, count * PAGE);
    buffer.fill(0, count * PAGE, (byte) 0);
    return buffer;
  }

  @Override
  public void free(GuestBuffer buffer) {
    pages.free(buffer.gpa(), count(0, buffer.size()));
  }

  @Override
  public CoherentBuffer allocateCoherent(long size) throws DmaException {
    GuestBuffer buffer = allocate(size);
    return new CoherentBuffer(buffer, map(buffer.gpa(), buffer.size(), Direction.BIDIRECTIONAL));
  }

  @Override
  public void freeCoherent(CoherentBuffer buffer) {
    unmap(buffer.address(), buffer.memory().size());
    free(buffer.memory());
  }

  @Override
  public long map(long gpa, long length, Direction direction) throws DmaException {
    if (!scattered) {
      return gpa;
    }
    int count = count(gpa, length);
    long address = addresses.allocate(count, -1L);
    if (address == IovaAllocator.NO_SPACE) {
      throw new DmaException("test addresses are used up");
    }
    long source = (gpa & -PAGE) - PHYSICAL_BASE;
    int first = (int) ((address - base) >>> SHIFT);
    for (int i = 0; i < count; i++) {
      table[first + i] = source + i * PAGE | direction.permission().bits();
    }
    return address + (gpa & (PAGE - 1));
  }

  @Override
  public void unmap(long address, long length) {
    if (scattered) {
      protect(address, length, Permission.NONE);
      addresses.free(address & -PAGE, count(address, length));
    }
  }

  @Override
  public void mapAll(ScatterList list, Direction direction) throws DmaException {
    list.clearMapped();
    for (int i = 0; i < list.pieces(); i++) {
      list.appendMapped(map(list.gpa(i), list.length(i), direction), list.length(i));
    }
  }

  @Override
  public void unmapAll(ScatterList list) {
    for (int i = 0; i < list.mapped(); i++) {
      unmap(list.address(i), list.mappedLength(i));
    }
    list.clearMapped();
  }

  @Override
  public void syncForCpu(long address, long length) {}

  @Override
  public void syncForDevice(long address, long length) {}

  @Override
  public void close() {
    memory.close();
  }
}
