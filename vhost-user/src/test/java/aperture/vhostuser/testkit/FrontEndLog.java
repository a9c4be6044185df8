package aperture.vhostuser.testkit;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.Mapping;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.LogArea;
import aperture.vhostuser.internal.wire.VringAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/** A front end's log of the memory that its back end writes, as a migration has one. */
public final class FrontEndLog implements AutoCloseable {

  private static final int LOG_ALL = 26;
  private static final int LOG_USED = 1;
  private static final int PAGE = 4096;

  private final FrontEnd frontEnd;
  private final Fd file;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment bits;

  /**
   * @param memory bytes that have a bit, a multiple of 64 pages
   */
  public FrontEndLog(FrontEnd frontEnd, long memory) throws IOException {
    this.frontEnd = frontEnd;
    file = MemoryFile.create("log", memory / PAGE / Byte.SIZE);
    bits = Mapping.of(file, 0, memory / PAGE / Byte.SIZE, arena);
  }

  /** Begins, in the order of QEMU. */
  public void start() throws IOException {
    LogArea area = new LogArea(bits.byteSize(), 0);
    frontEnd.link().must(FrontEndRequest.SET_LOG_BASE, area.encode(), file);
    features(frontEnd.acked().with(LOG_ALL).low());
    rings(LOG_USED);
  }

  /** Ends; what is marked stays. */
  public void stop() throws IOException {
    features(frontEnd.acked().low());
    rings(0);
  }

  private void features(long bits) throws IOException {
    frontEnd.link().must(FrontEndRequest.SET_FEATURES, FrontEnd.bytes(bits));
  }

  private void rings(int flags) throws IOException {
    for (VringAddress address : frontEnd.rings(flags)) {
      frontEnd.link().must(FrontEndRequest.SET_VRING_ADDR, address.encode());
    }
  }

  /** Device addresses of the used rings. */
  public long[] usedRings() {
    return frontEnd.rings(0).stream().mapToLong(VringAddress::log).toArray();
  }

  /** Pages marked. */
  public BitSet marked() {
    return BitSet.valueOf(bits.toArray(ValueLayout.JAVA_BYTE));
  }

  /** Marks none; while nothing is served. */
  public void clear() {
    bits.fill((byte) 0);
  }

  @Override
  public void close() {
    arena.close();
    file.close();
  }
}
