package aperture.testkit;

import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DescriptorChain;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.PollResult;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The two sides of a ring, each for a thread of its own: the driver sends a number in each chain,
 * the device answers with its complement and a length that follows from it.
 */
@SuppressWarnings("ThreadPriorityCheck") // yielding only widens a race; nothing relies on it
final class TwoThreads {

  private static final int SLOT = 64;
  private static final int ANSWER = 32;
  private static final int ROOM = 16;

  private final RingPair rings;
  private final Semaphore kicks;
  private final Semaphore interrupts;
  private final AtomicReference<String> wrong;
  private final long[] sent;
  private final byte[] bytes = new byte[Long.BYTES];
  private final ChainElements elements = new ChainElements(2);

  /** Data slot of each token, and data slots that no chain uses. */
  private final int[] slots;

  private final int[] spare;
  private int spares;
  private long nextNumber = 1;

  TwoThreads(RingPair rings, Semaphore kicks, Semaphore interrupts, AtomicReference<String> wrong) {
    this.rings = rings;
    this.kicks = kicks;
    this.interrupts = interrupts;
    this.wrong = wrong;
    int size = rings.driver().size();
    this.sent = new long[size];
    this.slots = new int[size];
    this.spare = new int[size];
    for (int i = 0; i < size; i++) {
      spare[spares++] = i;
    }
  }

  /** The device's thread. */
  void serve(int chains) {
    int left = chains;
    while (left > 0 && wrong.get().isEmpty()) {
      rings.session().begin();
      PollResult found = rings.device().poll(rings.batch());
      if (found == PollResult.CHAINS) {
        rings.device().disableNotifications();
        rings.session().hold();
        for (int i = 0; i < rings.batch().size(); i++) {
          answer(rings.batch().chain(i));
        }
        left -= rings.batch().size();
        boolean interrupt = rings.device().publish(rings.batch());
        rings.session().end();
        if (interrupt) {
          interrupts.release();
        }
        continue;
      }
      // Room for the other side to move between looking and asking.
      Thread.yield();
      boolean more = found == PollResult.EMPTY && rings.device().enableNotifications();
      rings.session().end();
      if (found != PollResult.EMPTY) {
        wrong.compareAndSet("", "the device found " + found);
      } else if (!more && !RingNotificationContractTest.sleep(kicks)) {
        wrong.compareAndSet("", "a notification was lost, " + left + " chains to serve");
      }
    }
    interrupts.release();
  }

  private void answer(DescriptorChain chain) {
    long number = chain.reader().get64();
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[i] = (byte) (~number >>> (8 * i));
    }
    chain.writer().put(bytes, 0, bytes.length);
    chain.complete(length(number));
  }

  private static long length(long number) {
    return Long.BYTES + number % (ROOM - Long.BYTES + 1);
  }

  /** The driver's thread. */
  void drive(int chains, Random random) {
    int toAdd = chains;
    int toTake = chains;
    while (toTake > 0 && wrong.get().isEmpty()) {
      int burst = Math.min(toAdd, random.nextInt(rings.driver().size() + 1));
      while (burst > 0 && add()) {
        burst--;
        toAdd--;
      }
      if (rings.driver().publish()) {
        kicks.release();
      }
      int taken = takeAll();
      toTake -= taken;
      if (taken > 0 || rings.driver().inFlight() == 0) {
        continue;
      }
      Thread.yield();
      if (!rings.driver().enableInterrupts() && !RingNotificationContractTest.sleep(interrupts)) {
        wrong.compareAndSet("", "an interrupt was lost, " + toTake + " chains to take");
      }
      rings.driver().disableInterrupts();
    }
    kicks.release();
  }

  private boolean add() {
    if (spares == 0) {
      return false;
    }
    int slot = spare[spares - 1];
    long at = (long) slot * SLOT;
    elements.clear();
    elements.readable(rings.dataAddress() + at, Long.BYTES);
    elements.writable(rings.dataAddress() + at + ANSWER, ROOM);
    rings.data().put64(at, nextNumber);
    rings.data().put64(at + ANSWER, 0);
    int token = rings.driver().add(elements);
    if (token == DriverQueue.NONE) {
      return false;
    }
    spares--;
    slots[token] = slot;
    sent[token] = nextNumber++;
    return true;
  }

  private int takeAll() {
    int taken = 0;
    while (true) {
      int token = rings.driver().take();
      if (token == DriverQueue.NONE) {
        rings.driver().fault().ifPresent(f -> wrong.compareAndSet("", f.describe()));
        return taken;
      }
      taken++;
      long number = sent[token];
      long answer = rings.data().get64((long) slots[token] * SLOT + ANSWER);
      if (answer != ~number || rings.driver().takenLength() != length(number)) {
        wrong.compareAndSet(
            "",
            "%x answered with %x, length %d"
                .formatted(number, answer, rings.driver().takenLength()));
      }
      spare[spares++] = slots[token];
    }
  }
}
