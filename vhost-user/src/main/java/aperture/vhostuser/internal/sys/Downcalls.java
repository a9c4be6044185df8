package aperture.vhostuser.internal.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Makes handles on functions of the C library that leave {@code errno} in a slot of the calling
 * thread.
 *
 * <p>None is linked as <em>critical</em>: almost all may block, and a thread inside a critical call
 * holds up every garbage collection.
 */
final class Downcalls {

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO = STATE.byteOffset(PathElement.groupElement("errno"));
  private static final Linker LINKER;

  /** One per thread, because another thread's call may overwrite it before it is read. */
  private static final ThreadLocal<MemorySegment> SLOT =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  static {
    Platform.require();
    LINKER = Linker.nativeLinker();
  }

  private Downcalls() {}

  /** A function that every C library in use has. */
  static MethodHandle of(String name, MemoryLayout result, MemoryLayout... arguments) {
    return find(name, result, arguments)
        .orElseThrow(() -> new UnsupportedOperationException("no " + name + " in the C library"));
  }

  /** A function that older C libraries lack. */
  static Optional<MethodHandle> find(String name, MemoryLayout result, MemoryLayout... arguments) {
    return link(name, FunctionDescriptor.of(result, arguments), captureErrno());
  }

  /** A function whose arguments from {@code fixed} on are variadic in C. */
  static MethodHandle variadic(
      String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
    return link(
            name,
            FunctionDescriptor.of(result, arguments),
            captureErrno(),
            Linker.Option.firstVariadicArg(fixed))
        .orElseThrow(() -> new UnsupportedOperationException("no " + name + " in the C library"));
  }

  @SuppressWarnings("restricted") // what this package is for
  private static Optional<MethodHandle> link(
      String name, FunctionDescriptor type, Linker.Option... options) {
    try {
      return LINKER
          .defaultLookup()
          .find(name)
          .map(address -> LINKER.downcallHandle(address, type, options));
    } catch (IllegalCallerException e) {
      throw new UnsupportedOperationException(
          "native calls are forbidden; start java with --enable-native-access=ALL-UNNAMED", e);
    }
  }

  private static Linker.Option captureErrno() {
    return Linker.Option.captureCallState("errno");
  }

  /** Where the calling thread's next call leaves errno. */
  static MemorySegment slot() {
    return SLOT.get();
  }

  /** The result of a call as the kernel gives it: negative errno if the call failed. */
  static int outcome(int result, MemorySegment slot) {
    return result >= 0 ? result : -slot.get(ValueLayout.JAVA_INT, ERRNO);
  }

  static long outcome(long result, MemorySegment slot) {
    return result >= 0 ? result : -slot.get(ValueLayout.JAVA_INT, ERRNO);
  }

  /** A handle throws nothing of its own; what arrives is an error of the JVM. */
  static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      return exception;
    }
    return new IllegalStateException(thrown);
  }
}
