package aperture.arch.sparc.sun4u;

import java.lang.invoke.VarHandle;

/**
 * That a walk met something which a later flush must take into account. Noted before the entry is
 * read that may then be cached.
 *
 * <p>Of aliases: a device used an address outside the window that the kernel hands out. It reaches
 * an entry of the window under another number, and a cache keeps it under that number, so from then
 * on a flush must name every alias.
 *
 * <p>Of the dummy page: a device used an address that was let go, and may have the dummy page
 * cached for it, which the next mapping there must not leave so.
 *
 * <p>A fresh instance may start without the knowledge: translations cached before are gone then.
 */
final class WalkNote {

  private volatile boolean seen;

  /** A walk is about to read the entry. */
  void note() {
    if (!seen) {
      seen = true;
      // Pairs with the fence in any(): the walk that follows reads an entry as it is after a change
      // whose flush did not see the note.
      VarHandle.fullFence();
    }
  }

  /** Whether such an entry may be cached; asked after the entries were changed. */
  boolean any() {
    VarHandle.fullFence();
    return seen;
  }

  /** Everything cached is about to be dropped. */
  void forget() {
    seen = false;
  }
}
