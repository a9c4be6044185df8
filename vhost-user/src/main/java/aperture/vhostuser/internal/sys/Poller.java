package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Waits until one of a few descriptors can be read, or its peer is gone. Waiting allocates nothing.
 *
 * <p>A descriptor that is closed while it is waited for stays open until the wait ends: include an
 * {@link Eventfd} that whoever closes signals.
 *
 * <p>Threading: one thread at a time.
 */
public final class Poller {

  /** For {@link #await}: until something happens. */
  public static final int FOREVER = -1;

  private final Fd[] fds;
  private final MemorySegment entries;
  private final short wanted;

  public Poller(Fd... fds) {
    this(List.of(fds), PollLayout.READABLE);
  }

  private Poller(List<Fd> fds, short wanted) {
    this.fds = fds.toArray(Fd[]::new);
    this.wanted = wanted;
    entries = Arena.ofAuto().allocate((long) fds.size() * PollLayout.LENGTH, Integer.BYTES);
  }

  /** Waits until a descriptor takes bytes, has ended or is broken. */
  public static Poller ofWritable(Fd fd) {
    return new Poller(List.of(fd), PollLayout.WRITABLE);
  }

  /**
   * Waits.
   *
   * @param milliseconds at most so long; 0 only looks; {@link #FOREVER}
   * @return whether any is {@link #ready}
   * @throws IOException when one has been closed, or the call fails
   */
  public boolean await(int milliseconds) throws IOException {
    long begin = System.nanoTime();
    int left = milliseconds;
    while (true) {
      int outcome = pollOnce(left);
      if (outcome != -Errno.EINTR) {
        return SyscallException.check("poll", outcome) > 0;
      }
      if (milliseconds >= 0) {
        long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        left = (int) Math.max(0, milliseconds - passed);
      }
    }
  }

  private int pollOnce(int milliseconds) throws IOException {
    int entered = 0;
    try {
      while (entered < fds.length) {
        long entry = (long) entered * PollLayout.LENGTH;
        entries.set(ValueLayout.JAVA_INT, entry + PollLayout.FD, fds[entered].enter());
        entries.set(ValueLayout.JAVA_SHORT, entry + PollLayout.WANTED, wanted);
        entries.set(ValueLayout.JAVA_SHORT, entry + PollLayout.SEEN, (short) 0);
        entered++;
      }
      return FileCalls.poll(entries, fds.length, milliseconds);
    } finally {
      while (entered > 0) {
        fds[--entered].leave();
      }
    }
  }

  /** Whether the descriptor at a position was readable, ended or broken at the last wait. */
  public boolean ready(int position) {
    return entries.get(
            ValueLayout.JAVA_SHORT, (long) position * PollLayout.LENGTH + PollLayout.SEEN)
        != 0;
  }
}
