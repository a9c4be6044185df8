package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

/** What every disk goes through, whoever serves it: read whole, written, discarded, read whole. */
final class DiskPlan {

  static final int BYTES = 8 << 20;
  private static final long SEED = 7;
  private static final int RANGES = 64;
  private static final int DISCARD_AT = 4 << 20;
  private static final int DISCARD = 1 << 20;

  private DiskPlan() {}

  static Plan plan() {
    return after(Plan.first());
  }

  /** The same after other steps. */
  static Plan after(Plan steps) {
    return steps.sha().write(SEED, RANGES).discard(DISCARD_AT, DISCARD).sha().powerOff();
  }

  /** Follows the guest to its end; the image holds then what it must. */
  static void follow(QemuGuest guest, ExpectedDisk disk) throws Exception {
    guest.awaitDisk();
    finish(guest, disk);
  }

  /** Follows a guest that has its disk. */
  static void finish(QemuGuest guest, ExpectedDisk disk) throws Exception {
    assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digest());

    Marker written = guest.await("write");
    assertThat(written.number("ranges")).isEqualTo(RANGES);
    assertThat(written.number("mismatches")).isZero();
    disk.write(SEED, RANGES);

    assertThat(guest.await("discard").text("zeroes")).isEqualTo("yes");
    disk.discard(DISCARD_AT, DISCARD);

    assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digest());
    guest.await("poweroff");
    guest.awaitEnd();
    disk.assertInFile();
  }
}
