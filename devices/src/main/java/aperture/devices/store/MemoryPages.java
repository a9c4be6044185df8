package aperture.devices.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a disk in memory, outside the heap; one that was never written is not there.
 * Thread-safe: pages are looked up without a lock, made and dropped under one. A page that is
 * dropped while somebody uses it lives until that ends.
 */
final class MemoryPages {

  static final int BYTES = 256 * 1024;

  private final AtomicInteger present = new AtomicInteger();
  private volatile AtomicReferenceArray<@Nullable MemorySegment> pages;

  MemoryPages(long capacity) {
    pages = new AtomicReferenceArray<>(count(capacity));
  }

  private static int count(long capacity) {
    return Math.toIntExact((capacity + BYTES - 1) / BYTES);
  }

  /** The page of a number, or null while nothing is in it. */
  @Nullable MemorySegment get(long number) {
    AtomicReferenceArray<@Nullable MemorySegment> now = pages;
    return number < now.length() ? now.get((int) number) : null;
  }

  /** The page of a number, made when it is not there. */
  MemorySegment make(long number) throws IOException {
    MemorySegment page = get(number);
    return page == null ? makeOnce((int) number) : page;
  }

  private synchronized MemorySegment makeOnce(int number) throws IOException {
    AtomicReferenceArray<@Nullable MemorySegment> now = pages;
    if (number >= now.length()) {
      throw new IOException("beyond the end of the memory disk");
    }
    MemorySegment page = now.get(number);
    if (page == null) {
      page = allocate();
      now.set(number, page);
      present.incrementAndGet();
    }
    return page;
  }

  private static MemorySegment allocate() throws IOException {
    try {
      return Arena.ofAuto().allocate(BYTES);
    } catch (OutOfMemoryError e) {
      throw new IOException("the host has no memory for more of the disk: " + e.getMessage(), e);
    }
  }

  /** The page reads as zeroes again. */
  synchronized void drop(long number) {
    AtomicReferenceArray<@Nullable MemorySegment> now = pages;
    if (number < now.length() && now.getAndSet((int) number, null) != null) {
      present.decrementAndGet();
    }
  }

  /** Makes room for another capacity; pages beyond it are dropped. */
  synchronized void resize(long capacity) {
    AtomicReferenceArray<@Nullable MemorySegment> old = pages;
    AtomicReferenceArray<@Nullable MemorySegment> next =
        new AtomicReferenceArray<>(count(capacity));
    int kept = 0;
    for (int i = 0; i < Math.min(old.length(), next.length()); i++) {
      MemorySegment page = old.get(i);
      next.setPlain(i, page);
      kept += page == null ? 0 : 1;
    }
    // Published by the volatile write; nobody makes a page meanwhile, so none is lost.
    pages = next;
    present.set(kept);
  }

  /** Bytes of memory taken. */
  long taken() {
    return (long) present.get() * BYTES;
  }
}
