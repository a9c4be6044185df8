package aperture.console.policy;

import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** Shows how many cases are done, when somebody watches. */
public final class MatrixProgress implements BiConsumer<Integer, Integer> {

  private static final int PARTS = 100;

  private final Optional<PrintStream> watcher;
  private final AtomicInteger shown = new AtomicInteger();

  public MatrixProgress(Optional<PrintStream> watcher) {
    this.watcher = watcher;
  }

  @Override
  public void accept(Integer done, Integer all) {
    int part = done * PARTS / all;
    if (watcher.isPresent() && shown.getAndAccumulate(part, Math::max) < part) {
      watcher.get().print("\r%d of %d cases ".formatted(done, all));
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
