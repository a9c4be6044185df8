package aperture.vhostuser.internal.memory;

import java.io.IOException;

/**
 * A region, or a whole table, that cannot be taken. Nothing has changed; the front end gets a
 * failure as its answer, and what is wrong stands in the log.
 */
public final class RegionException extends IOException {

  private static final long serialVersionUID = 1L;

  RegionException(String what) {
    super(what);
  }
}
