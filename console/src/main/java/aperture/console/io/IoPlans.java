package aperture.console.io;

import aperture.admin.ControlException;
import aperture.console.line.Arguments;
import aperture.virtio.IoPlan;
import java.util.Locale;

/** Reads the options of {@code driver:io}. */
public final class IoPlans {

  private static final int SECTOR = 512;
  private static final long MOST_BLOCK = 1L << 24;
  private static final long MOST_DEPTH = 1L << 15;
  private static final long DEFAULT_BLOCK = 4096;
  private static final long DEFAULT_DEPTH = 8;
  private static final long DEFAULT_REQUESTS = 1000;
  private static final long DEFAULT_SEED = 1;

  private IoPlans() {}

  /** The plan; by default it reads, which never changes the content. */
  public static IoPlan of(Arguments arguments) throws ControlException {
    IoPlan.Pattern pattern =
        IoPlan.Pattern.valueOf(arguments.option("pattern").orElse("read").toUpperCase(Locale.ROOT));
    long block = arguments.size("block", DEFAULT_BLOCK);
    if (block % SECTOR != 0 || block > MOST_BLOCK) {
      throw ControlException.usage(
          "--block %s is not a multiple of 512, or more than 16M"
              .formatted(arguments.option("block").orElse("")));
    }
    boolean endless =
        arguments.has("background")
            || pattern == IoPlan.Pattern.SCAN
            || pattern == IoPlan.Pattern.REWRITE;
    long requests = arguments.number("requests", 0, Long.MAX_VALUE, endless ? 0 : DEFAULT_REQUESTS);
    return new IoPlan(
        pattern,
        requests,
        (int) block,
        (int) arguments.number("depth", 1, MOST_DEPTH, DEFAULT_DEPTH),
        seed(arguments));
  }

  private static long seed(Arguments arguments) throws ControlException {
    return arguments.number("seed", 0, Long.MAX_VALUE, DEFAULT_SEED);
  }
}
