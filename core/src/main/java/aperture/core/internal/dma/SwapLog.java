package aperture.core.internal.dma;

import aperture.admin.SwapReport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The hot swaps of all machines and the two deadlines that they keep. Thread-safe. */
public final class SwapLog {

  private static final int LIMIT = 256;

  private final Deque<SwapRecord> records = new ArrayDeque<>();
  private long count;
  private volatile Duration quiesceDeadline = Duration.ofSeconds(2);
  private volatile Duration gracePeriod = Duration.ofSeconds(10);

  synchronized SwapRecord open(String machine, String kind, String from) {
    if (records.size() == LIMIT) {
      records.removeFirst();
    }
    SwapRecord swap = new SwapRecord(++count, machine, kind, from);
    records.addLast(swap);
    return swap;
  }

  public synchronized List<SwapReport> reports() {
    return records.stream().map(SwapRecord::report).toList();
  }

  public Duration quiesceDeadline() {
    return quiesceDeadline;
  }

  public void quiesceDeadline(Duration deadline) {
    quiesceDeadline = deadline;
  }

  public Duration gracePeriod() {
    return gracePeriod;
  }

  public void gracePeriod(Duration period) {
    gracePeriod = period;
  }
}
