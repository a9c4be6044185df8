package aperture.guest.dma;

import aperture.access.AddressSpace;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;

/**
 * Grants memory page by page and posts the numbers of the grants, which mean something to a back
 * end that maps grants, and to nothing else.
 *
 * <p>Linux 6.1, drivers/xen/grant-dma-ops.c.
 */
public final class GrantDma extends OwnDma {

  /** The table that Xen lets a domain have by default: 64 frames of entries of 8 bytes. */
  static final int GRANTS = 64 * (GrantAddressLayout.PAGE / Long.BYTES);

  /** The first few are spoken for: console and store. */
  private static final int RESERVED = 8;

  private final Runs grants = new Runs(GRANTS);

  /** Bytes of the range that begins with a grant; 0 where none does. */
  private final long[] lengths = new long[GRANTS];

  /** The address that was given out for it. */
  private final long[] addresses = new long[GRANTS];

  /** The frame of each grant. */
  private final long[] frames = new long[GRANTS];

  /**
   * @param under hands out guest memory
   */
  public GrantDma(DriverDma under) {
    super(under, AddressSpace.BUS);
    grants.take(RESERVED, 1);
  }

  @Override
  public synchronized long map(long gpa, long length, Direction direction) throws DmaException {
    piece(gpa, length);
    int pages = GrantAddressLayout.pages(gpa, length);
    int first = grants.take(pages, 1);
    if (first == Runs.NONE) {
      throw new DmaException("no %d grants in a row are free".formatted(pages));
    }
    lengths[first] = length;
    for (int i = 0; i < pages; i++) {
      frames[first + i] = gpa / GrantAddressLayout.PAGE + i;
    }
    addresses[first] = GrantAddressLayout.address(first, gpa);
    return addresses[first];
  }

  @Override
  public synchronized void unmap(long address, long length) throws DmaException {
    long first = GrantAddressLayout.grant(address);
    if (!GrantAddressLayout.isGranted(address)
        || length <= 0
        || first >= GRANTS
        || lengths[(int) first] != length
        || addresses[(int) first] != address) {
      throw notMapped(address, length);
    }
    lengths[(int) first] = 0;
    grants.give((int) first, GrantAddressLayout.pages(address, length));
  }

  /** What a back end that maps grants finds there: a guest-physical address. */
  synchronized long granted(long address) {
    return frames[(int) GrantAddressLayout.grant(address)] * GrantAddressLayout.PAGE
        + GrantAddressLayout.offset(address);
  }
}
