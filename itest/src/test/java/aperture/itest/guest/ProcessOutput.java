package aperture.itest.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * What a process prints, line by line, read by a thread of its own. Lines are awaited in order:
 * each {@link #await} goes on where the one before has ended.
 */
final class ProcessOutput {

  private static final int TAIL = 40;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<String> lines = new ArrayList<>();
  private int next;
  private boolean ended;

  ProcessOutput(InputStream stream, String name) {
    Thread.ofPlatform().daemon().name("output of " + name).start(() -> read(stream));
  }

  private void read(InputStream stream) {
    try (var reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.ISO_8859_1))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      // the process was killed while it wrote; its output ends there
    } finally {
      end();
    }
  }

  private void add(String line) {
    lock.lock();
    try {
      lines.add(line);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next line that is wanted.
   *
   * @param what it is, for the message when it does not come
   * @param wanted finds it in a line; it may throw when the line says that it cannot come any more
   */
  <T> T await(String what, Function<String, Optional<T>> wanted, Duration limit)
      throws InterruptedException {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (true) {
        while (next < lines.size()) {
          Optional<T> found = wanted.apply(lines.get(next++));
          if (found.isPresent()) {
            return found.get();
          }
        }
        if (ended) {
          throw new AssertionError("no " + what + ": its process has ended" + tail());
        }
        if (left <= 0) {
          throw new AssertionError("no " + what + " within " + limit.toSeconds() + " s" + tail());
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing more can come. */
  void awaitEnd(Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (!ended) {
        if (left <= 0) {
          throw new AssertionError("still running after " + limit.toSeconds() + " s" + tail());
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  List<String> lines() {
    lock.lock();
    try {
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  /** The last lines, to be appended to a message. */
  String tail() {
    List<String> all = lines();
    return "\n  | "
        + String.join("\n  | ", all.subList(Math.max(0, all.size() - TAIL), all.size()));
  }
}
