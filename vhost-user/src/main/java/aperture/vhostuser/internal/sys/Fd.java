package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An open file descriptor and the duty to close it.
 *
 * <p>The system gives the number of a closed descriptor to the next file that is opened. So that a
 * thread that is about to write to a closed eventfd never writes into somebody's disk image, every
 * call <em>enters</em> the descriptor and <em>leaves</em> it: closing takes effect when the last
 * call has left, and nobody enters afterwards.
 */
public final class Fd implements AutoCloseable {

  /** Set in {@link #state} by {@link #close}; the bits below count the calls under way. */
  private static final int CLOSED = 1 << 31;

  private static final VarHandle STATE;
  private static final AtomicLong OPEN = new AtomicLong();

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Fd.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int number;

  @SuppressWarnings("unused") // by STATE
  private int state;

  private Fd(int number) {
    this.number = number;
    OPEN.incrementAndGet();
  }

  /** Takes a descriptor that a call has just made, or that was inherited. */
  static Fd of(int number) {
    return new Fd(number);
  }

  /** Takes the result of a call that makes a descriptor. */
  static Fd made(String call, int outcome) throws SyscallException {
    return new Fd(SyscallException.check(call, outcome));
  }

  /** How many descriptors this process holds through this class: back where it was, none leaked. */
  public static long open() {
    return OPEN.get();
  }

  /**
   * Begins a call; {@link #leave} must follow.
   *
   * @return the descriptor's number, valid until then
   */
  int enter() throws IOException {
    while (true) {
      int seen = (int) STATE.getVolatile(this);
      if (seen < 0) {
        throw new IOException(this + " is closed");
      }
      if (STATE.compareAndSet(this, seen, seen + 1)) {
        return number;
      }
    }
  }

  void leave() {
    int before = (int) STATE.getAndAdd(this, -1);
    if (before - 1 == CLOSED) {
      giveBack();
    }
  }

  /** Whether calls are still accepted. */
  public boolean isOpen() {
    return (int) STATE.getVolatile(this) >= 0;
  }

  /** Bytes in the file behind the descriptor; 0 for what is not a file. */
  public long size() throws IOException {
    return stat(StatLayout.Field.SIZE);
  }

  /**
   * The unit in which the file can be mapped: the huge page's size for files of huge pages, for all
   * others at most what the host's page size asks for anyway.
   */
  public long mappingUnit() throws IOException {
    long unit = stat(StatLayout.Field.BLOCK_SIZE);
    int page = Mapping.pageSize();
    boolean usable = unit > page && unit <= Mapping.LARGEST_UNIT && Long.bitCount(unit) == 1;
    return usable ? unit : page;
  }

  /** Asks the system for all, and takes one field. */
  private long stat(StatLayout.Field field) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(StatLayout.LENGTH, Long.BYTES);
      MemorySegment empty = arena.allocate(1);
      int fd = enter();
      try {
        SyscallException.check(
            "statx " + this,
            FileCalls.statx(fd, empty, StatLayout.OF_DESCRIPTOR, StatLayout.WANTED, result));
      } finally {
        leave();
      }
      return field.in(result);
    }
  }

  /** Closes it when the last call has left; twice is once. */
  @Override
  public void close() {
    int before = (int) STATE.getAndBitwiseOr(this, CLOSED);
    if (before == 0) {
      giveBack();
    }
  }

  private void giveBack() {
    OPEN.decrementAndGet();
    // What close reports is about writes that were never ours; the number is free either way.
    int ignored = FileCalls.close(number);
  }

  @Override
  public String toString() {
    return "fd " + number;
  }
}
