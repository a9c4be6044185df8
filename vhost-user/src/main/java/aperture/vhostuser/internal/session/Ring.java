package aperture.vhostuser.internal.session;

import aperture.vhostuser.internal.sys.Eventfd;
import aperture.vhostuser.internal.wire.VringAddress;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * What a front end said about one ring. Values are only stored here; the ring runs once it has all
 * it needs.
 *
 * <pre>
 *   stopped --(size, addresses, kick)--> started --(GET_VRING_BASE)--> stopped
 *   and beside it, independent:  disabled <--> enabled
 *   it is served while it is both started and enabled
 * </pre>
 *
 * <p>Vhost-user Protocol, section "Ring states".
 */
final class Ring implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Ring.class.getName());

  private final int index;
  private int size;
  private int base;
  private @Nullable VringAddress address;
  private @Nullable Eventfd kick;
  private volatile @Nullable Eventfd call;
  private volatile @Nullable Eventfd error;
  private @Nullable KickBell bell;
  private boolean armed;
  private boolean enabled;
  private boolean broken;

  Ring(int index) {
    this.index = index;
  }

  int index() {
    return index;
  }

  int size() {
    return size;
  }

  void size(int entries) {
    size = entries;
  }

  int base() {
    return base;
  }

  void base(int nextAvailable) {
    base = nextAvailable;
  }

  @Nullable VringAddress address() {
    return address;
  }

  void address(@Nullable VringAddress newAddress) {
    address = newAddress;
  }

  boolean enabled() {
    return enabled;
  }

  void enabled(boolean on) {
    enabled = on;
  }

  /** Whether it was started, in the words of the protocol: it has a kick, or does without. */
  boolean armed() {
    return armed;
  }

  /** It cannot be served until it is set up anew. */
  void broken(boolean isBroken) {
    broken = isBroken;
  }

  /** Whether it has all it needs to be served. */
  boolean ready() {
    return armed && enabled && !broken && size > 0 && address != null;
  }

  /**
   * Takes the kick, and starts the ring in the words of the protocol.
   *
   * @param fresh null for a front end that does not kick
   */
  void kick(@Nullable Eventfd fresh) {
    closeKick();
    kick = fresh;
    armed = true;
    broken = false;
  }

  /** Makes the bell for a worker that is about to start. */
  KickBell newBell() throws IOException {
    KickBell fresh = new KickBell(kick);
    bell = fresh;
    return fresh;
  }

  /** The worker is gone. */
  void closeBell() {
    if (bell != null) {
      bell.close();
      bell = null;
    }
  }

  /** Takes the call, and signals it once: what was used before may not have been told. */
  void call(@Nullable Eventfd fresh) {
    Eventfd old = call;
    call = fresh;
    release(old);
    if (armed) {
      interrupt();
    }
  }

  void error(@Nullable Eventfd fresh) {
    Eventfd old = error;
    error = fresh;
    release(old);
  }

  /** Tells the driver that chains were used. Called by the worker. */
  void interrupt() {
    signal(call, "call");
  }

  /** Tells the front end that the ring is broken. Called by any thread. */
  void signalError() {
    signal(error, "err");
  }

  private void signal(@Nullable Eventfd target, String what) {
    if (target == null) {
      return;
    }
    try {
      target.signal();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "queue " + index + ": " + what + " was not signalled", e);
    }
  }

  /** Stopped, in the words of the protocol: kick and call are gone, the rest is kept. */
  void disarm() {
    closeKick();
    Eventfd old = call;
    call = null;
    release(old);
    armed = false;
    broken = false;
  }

  /** As after a device reset. */
  void forget() {
    disarm();
    size = 0;
    base = 0;
    address = null;
    enabled = false;
  }

  private void closeKick() {
    if (kick != null) {
      kick.close();
      kick = null;
    }
  }

  private static void release(@Nullable Eventfd old) {
    if (old != null) {
      old.close();
    }
  }

  @Override
  public void close() {
    forget();
    error(null);
    closeBell();
  }
}
