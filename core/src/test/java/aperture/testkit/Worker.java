package aperture.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** A thread that a test tells what to do, step by step. */
public final class Worker implements AutoCloseable {

  /** Longest wait of a test for anything: generous, because machines are busy. */
  public static final Duration LIMIT = Duration.ofSeconds(60);

  private final ExecutorService executor;
  private volatile Thread thread;

  public Worker(String name) {
    this.executor =
        Executors.newSingleThreadExecutor(
            task -> thread = Thread.ofPlatform().daemon().name(name).unstarted(task));
  }

  /** Starts a step. */
  public <T> Future<T> start(Callable<T> step) {
    return executor.submit(step);
  }

  /** Does a step and waits for its end. */
  public <T> T call(Callable<T> step) throws Exception {
    return get(start(step));
  }

  /** Waits for a step, with a deadline; what it threw is thrown. */
  public static <T> T get(Future<T> step) throws Exception {
    try {
      return step.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    } catch (TimeoutException e) {
      throw new AssertionError("a step did not end in " + LIMIT, e);
    }
  }

  /** Whether a step is inside a method of this name now. */
  public boolean isIn(String method) {
    Thread now = thread;
    return now != null
        && Arrays.stream(now.getStackTrace()).anyMatch(f -> f.getMethodName().equals(method));
  }

  /** Waits until a step is inside a method of this name. */
  public void awaitIn(String method) {
    Awaitility.await(method)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> isIn(method));
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
