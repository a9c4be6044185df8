package aperture.itest.guest;

import java.util.ArrayList;
import java.util.List;

/**
 * What a guest does after it has booted, in order. {@code itest/guests/init} explains each step.
 *
 * @param steps as they stand on the kernel's command line
 */
record Plan(List<String> steps) {

  private static final long LOW = 0xffff_ffffL;

  static Plan first() {
    return new Plan(List.of());
  }

  /** Says the digest of the whole disk. */
  Plan sha() {
    return then("sha");
  }

  /** Reads pages from the start of the disk, one at a time and past the page cache, timed. */
  Plan read(int pages) {
    return then("read:" + pages);
  }

  /** Writes ranges at random, reads them back past the page cache and compares. */
  Plan write(long seed, int ranges) {
    return then("write:" + seed + ":" + ranges);
  }

  /** Compares again what {@link #write} has written. */
  Plan verify(long seed, int ranges) {
    return then("verify:" + seed + ":" + ranges);
  }

  Plan discard(long offset, long bytes) {
    return then("discard:" + offset + ":" + bytes);
  }

  /** Jobs that write, read back and compare, until {@link QemuGuest#endLoad}. */
  Plan load(int jobs) {
    return then("load:" + jobs);
  }

  /** Says how often each queue of the disk has interrupted. */
  Plan queues() {
    return then("queues");
  }

  Plan entropy() {
    return then("rng");
  }

  /** Accepts features of the disk in its driver's place, and gives it back. */
  Plan negotiate(long features) {
    return then("negotiate:%d:%d".formatted(features & LOW, features >>> Integer.SIZE));
  }

  /** Stays, doing nothing, until the test does something. */
  Plan stay() {
    return then("wait");
  }

  Plan reboot() {
    return then("reboot");
  }

  Plan powerOff() {
    return then("poweroff");
  }

  private Plan then(String step) {
    List<String> all = new ArrayList<>(steps);
    all.add(step);
    return new Plan(List.copyOf(all));
  }

  String argument() {
    return "aperture.plan=" + String.join(",", steps);
  }
}
