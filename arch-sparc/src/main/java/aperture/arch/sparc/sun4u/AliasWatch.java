package aperture.arch.sparc.sun4u;

import java.lang.invoke.VarHandle;

/**
 * Whether a device ever used an address outside the window that the kernel hands out. Such an
 * address reaches an entry of the window under another number, and a cache keeps it under that
 * number, so from then on a flush must name every alias.
 *
 * <p>A fresh instance may start without the knowledge: translations cached before are gone then.
 */
final class AliasWatch {

  private volatile boolean seen;

  /** A walk is about to read the entry of an alias. */
  void note() {
    if (!seen) {
      seen = true;
      // Pairs with the fence in any(): the walk that follows reads an entry as it is after a change
      // whose flush did not see the note.
      VarHandle.fullFence();
    }
  }

  /** Whether an alias may be cached; asked after the entries were changed. */
  boolean any() {
    VarHandle.fullFence();
    return seen;
  }
}
