package aperture.vhostuser.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;

/**
 * Sends what {@link UnixSocket} refuses to send, and opens what we never open: files for reading
 * only, and descriptors that nobody here knows of.
 */
public final class HostilePeer {

  private static final int MOST_THE_SYSTEM_TAKES = 253;
  private static final int NO_SIGNAL = 0x4000;

  private static final MethodHandle OPEN =
      Downcalls.variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

  private static final MethodHandle DUP = Downcalls.of("dup", JAVA_INT, JAVA_INT);

  private HostilePeer() {}

  /** The number of another descriptor of the same, as a process that is started inherits one. */
  public static int inheritable(Fd fd) throws IOException {
    MemorySegment slot = Downcalls.slot();
    int number = fd.enter();
    try {
      return Downcalls.outcome((int) DUP.invokeExact(slot, number), slot);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    } finally {
      fd.leave();
    }
  }

  /** A descriptor of a file that cannot be written to. */
  public static Fd openForReading(Path file) {
    MemorySegment slot = Downcalls.slot();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(file.toString());
      return Fd.made("open " + file, (int) OPEN.invokeExact(slot, path, 0, 0));
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** Closes what {@link #inheritable} made and nobody took; it must be open still. */
  public static void giveBack(int number) {
    assertThat(FileCalls.close(number)).isZero();
  }

  /** Sends bytes with any number of descriptors that the system lets pass. */
  public static void send(UnixSocket socket, byte[] bytes, List<Fd> fds) throws IOException {
    assertThat(fds).hasSizeLessThanOrEqualTo(MOST_THE_SYSTEM_TAKES);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(JAVA_BYTE, bytes);
      MemorySegment message = arena.allocate(MessageLayout.LENGTH, Long.BYTES);
      MemorySegment vector = arena.allocate(MessageLayout.VECTOR_LENGTH, Long.BYTES);
      MemorySegment control = arena.allocate(64 + JAVA_INT.byteSize() * fds.size(), Long.BYTES);
      int[] numbers = new int[fds.size()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = fds.get(i).enter();
      }
      MessageLayout.vector(vector, data, 0, bytes.length);
      long length = numbers.length == 0 ? 0 : MessageLayout.putDescriptors(control, numbers);
      MessageLayout.message(message, vector, control, length);
      long sent = SocketCalls.sendmsg(socket.fd().enter(), message, NO_SIGNAL);
      socket.fd().leave();
      fds.forEach(Fd::leave);
      assertThat(sent).isEqualTo(bytes.length);
    }
  }
}
