package aperture.console.policy;

import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** Shows how many are done, when somebody watches. */
public final class MatrixProgress implements BiConsumer<Integer, Integer> {

  private static final int PARTS = 100;

  private final Optional<PrintStream> watcher;
  private final String what;
  private final AtomicInteger shown = new AtomicInteger();

  /**
   * @param what is counted
   */
  public MatrixProgress(Optional<PrintStream> watcher, String what) {
    this.watcher = watcher;
    this.what = what;
  }

  @Override
  public void accept(Integer done, Integer all) {
    int part = done * PARTS / all;
    if (watcher.isPresent() && shown.getAndAccumulate(part, Math::max) < part) {
      watcher.get().print("\r%d of %d %s ".formatted(done, all, what));
      watcher.get().flush();
    }
  }

  /** Leaves the line. */
  public void end() {
    if (shown.get() > 0) {
      watcher.ifPresent(PrintStream::println);
    }
  }
}
