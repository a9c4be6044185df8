package aperture.vhostuser.internal.migration;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.MappedPiece;
import aperture.vhostuser.internal.wire.LogArea;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A bit for each page of 4 KiB, whatever the host's page size: bit {@code n % 8} of byte {@code n /
 * 8} is page {@code n}. The front end clears 64 bits at a time, atomically, so that bits are set
 * atomically.
 *
 * <p>Vhost-user Protocol, section "Migration". Thread-safe; not to be closed while workers log.
 */
public final class DirtyLog implements AutoCloseable {

  private static final int PAGE_SHIFT = 12;
  private static final int WORD_BITS = 64;
  private static final VarHandle WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private final MappedPiece piece;
  private final MemorySegment bits;

  private DirtyLog(MappedPiece piece) {
    this.piece = piece;
    this.bits = piece.segment();
  }

  /**
   * Maps a log.
   *
   * @param fd taken in any case
   * @throws IOException when it is not in the file, or not whole words
   */
  public static DirtyLog map(LogArea area, Fd fd) throws IOException {
    boolean words = area.size() % Long.BYTES == 0;
    String what = "dirty log of %d bytes at %d".formatted(area.size(), area.offset());
    return new DirtyLog(MappedPiece.of(what, fd, area.offset(), words ? area.size() : 0));
  }

  /** Bytes of memory that have a bit. */
  public long covers() {
    return bits.byteSize() * Byte.SIZE << PAGE_SHIFT;
  }

  /**
   * The device wrote here. Call it after the write.
   *
   * @param gpa guest-physical address
   * @param length at least 1
   * @return false when part of it has no bit
   */
  public boolean wrote(long gpa, long length) {
    long first = gpa >>> PAGE_SHIFT;
    long last = (gpa + length - 1) >>> PAGE_SHIFT;
    long pages = bits.byteSize() * Byte.SIZE;
    for (long page = first; page <= last && page < pages; page++) {
      long mask = 1L << (page % WORD_BITS);
      // Release: the front end that sees the bit reads what was written before.
      WORD.getAndBitwiseOrRelease(bits, page / WORD_BITS * Long.BYTES, mask);
    }
    return last < pages;
  }

  @Override
  public void close() {
    piece.close();
  }
}
