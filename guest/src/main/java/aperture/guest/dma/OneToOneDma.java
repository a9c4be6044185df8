package aperture.guest.dma;

import aperture.access.AddressSpace;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.GuestBuffer;
import aperture.dma.UserDma;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Posts guest-physical addresses through an IOMMU in which memory is mapped one to one, as Xen does
 * for a domain that drives devices: not what a driver asks for, but all memory there is around it.
 *
 * <pre>
 *   | 64 MiB | 64 MiB | ...   mapped as a whole when something in it is first allocated;
 *                             what the IOMMU refuses is halved, down to 64 KiB, and left out
 * </pre>
 *
 * <p>Refused is what is no memory, what is kept for interrupts, and what the IOMMU cannot express.
 */
public final class OneToOneDma extends OwnDma {

  /** Mapped at once, so that a large machine does not cost more than a small one. */
  static final long LARGEST = 64L << 20;

  /** As large as the pages of any IOMMU are by default. */
  private static final long SMALLEST = 64L << 10;

  private record Range(long base, long size) {}

  private final UserDma user;

  // Guarded by this object.
  private final Set<Long> tried = new HashSet<>();
  private final List<Range> mapped = new ArrayList<>();

  /**
   * @param user the endpoint, in the hands of whoever maps
   */
  public OneToOneDma(UserDma user) {
    super(user, AddressSpace.PHYSICAL);
    this.user = user;
  }

  @Override
  public GuestBuffer allocate(long size) throws DmaException {
    GuestBuffer buffer = super.allocate(size);
    cover(buffer.gpa(), buffer.gpa() + buffer.size() - 1);
    return buffer;
  }

  private synchronized void cover(long first, long last) {
    for (long base = first & -LARGEST; base <= last; base += LARGEST) {
      if (tried.add(base)) {
        mapWhatCanBe(base, LARGEST);
      }
    }
  }

  private void mapWhatCanBe(long base, long size) {
    try {
      user.mapAt(base, base, size, Direction.BIDIRECTIONAL);
      mapped.add(new Range(base, size));
    } catch (DmaException e) {
      if (size > SMALLEST) {
        mapWhatCanBe(base, size / 2);
        mapWhatCanBe(base + size / 2, size / 2);
      }
    }
  }

  @Override
  public long map(long gpa, long length, Direction direction) throws DmaException {
    piece(gpa, length);
    return gpa;
  }

  /** Nothing ends before the domain does. */
  @Override
  public void unmap(long address, long length) {}

  @Override
  public synchronized void close() {
    super.close();
    for (Range range : mapped) {
      try {
        user.unmap(range.base(), range.size());
      } catch (DmaException e) {
        System.getLogger(OneToOneDma.class.getName())
            .log(System.Logger.Level.WARNING, "memory stays mapped: {0}", e.getMessage());
      }
    }
    mapped.clear();
    tried.clear();
  }
}
