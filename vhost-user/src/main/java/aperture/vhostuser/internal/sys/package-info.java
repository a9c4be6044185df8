/**
 * All native calls of the product: Unix sockets with descriptor passing, eventfds, polling, shared
 * memory.
 *
 * <p>The JDK has no way to receive file descriptors, and none to wait for one of them; everything
 * here exists for that reason. Each call says why it is needed and why it is safe, beside its
 * declaration in {@link aperture.vhostuser.internal.sys.SocketCalls}, {@link
 * aperture.vhostuser.internal.sys.FileCalls} and {@link
 * aperture.vhostuser.internal.sys.MemoryCalls}, which nobody outside this package sees.
 *
 * <p>A descriptor is an {@link aperture.vhostuser.internal.sys.Fd} from the moment it exists: owned
 * by one, closed once, never used after that. Failures are {@code IOException}s that name the call
 * and the reason. Interrupted calls are repeated.
 *
 * <p>Threading: every type is safe for use by several threads unless it says otherwise.
 */
@NullMarked
package aperture.vhostuser.internal.sys;

import org.jspecify.annotations.NullMarked;
