package aperture.itest.lab;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.DeviceInfo;
import aperture.admin.DriverInfo;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import aperture.virtio.IoReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.awaitility.Awaitility;

/**
 * A disk on a machine.
 *
 * @param lab whose
 * @param machine name of the machine
 * @param device name of the device
 * @param kind IOMMU kind in front of it
 * @param image the file behind it
 */
public record Disk(Lab lab, String machine, String device, String kind, Path image) {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int BLOCK = 4096;
  private static final int DEPTH = 8;

  /** Binds K2, which accepts the bit and posts bus addresses. */
  public void bind() throws Exception {
    DriverInfo driver = lab.drivers().bind(device, "K2");
    assertThat(driver.state()).as(driver.toString()).isEqualTo("bound");
    assertThat(driver.addresses()).isEqualTo("bus");
  }

  public DeviceInfo info() throws Exception {
    return lab.devices().show(device);
  }

  /** Writes and reads back at random until stopped, with the queue kept full. */
  public IoJob verifying(long seed) throws Exception {
    return lab.drivers().io(device, new IoPlan(Pattern.VERIFY, 0, BLOCK, DEPTH, seed));
  }

  /** Writes and reads back a number of requests; the report is clean. */
  public void verify(long requests) throws Exception {
    IoJob job = lab.drivers().io(device, new IoPlan(Pattern.VERIFY, requests, BLOCK, DEPTH, 1));
    assertThat(job.await(LIMIT)).as("verified in time").isTrue();
    IoReport report = job.report();
    assertThat(report.clean()).as(report.toString()).isTrue();
    assertThat(report.completed()).isEqualTo(requests);
    assertThat(report.bytesWritten()).isPositive();
  }

  /** Reads the whole disk through the IOMMU; it holds what the file holds. */
  public void scan() throws Exception {
    IoJob job = lab.drivers().io(device, new IoPlan(Pattern.SCAN, 0, BLOCK * DEPTH, DEPTH, 1));
    assertThat(job.await(LIMIT)).as("scanned in time").isTrue();
    IoReport report = job.report();
    assertThat(report.clean()).as(report.toString()).isTrue();
    assertThat(report.sha256()).hasValue(digestOfFile());
  }

  private String digestOfFile() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(image)));
  }

  /** Waits until the job has completed more requests, and is clean so far. */
  public static void awaitProgress(IoJob job, long more) {
    long before = job.report().completed();
    Awaitility.await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> job.done() || job.report().completed() >= before + more);
    assertClean(job);
    assertThat(job.done()).as("it goes on").isFalse();
  }

  /** Nothing failed, was lost or done twice, and nothing read something else, so far. */
  public static void assertClean(IoJob job) {
    IoReport report = job.report();
    assertThat(report.failed()).as("failed: " + report).isZero();
    assertThat(report.repeated()).as("repeated: " + report).isZero();
    assertThat(report.mismatches()).as("mismatches: " + report).isZero();
    assertThat(report.reason()).isEmpty();
    if (!report.running()) {
      assertThat(report.lost()).as("lost: " + report).isZero();
    }
  }

  /**
   * One access of the device, beside everything that its driver does.
   *
   * @return the fault in words; empty when the access was allowed
   */
  public Optional<String> access(long iova, Access access) throws Exception {
    try (DmaSession session = session()) {
      assertThat(session.begin()).as("it may translate").isTrue();
      try {
        TranslateStatus status = session.translate(iova, 1, access, new DmaRanges());
        return status == TranslateStatus.FAULT
            ? Optional.of(session.fault().orElseThrow().describe())
            : Optional.empty();
      } finally {
        session.end();
      }
    }
  }

  /** The device's own way to memory. */
  public DmaSession session() throws Exception {
    return lab.dmaFaces().device(machine, info().endpoint()).orElseThrow().openSession();
  }

  /** Ends the job; all that was submitted came back once, and the file holds what was written. */
  public void finish(IoJob job) throws Exception {
    job.stop();
    assertThat(job.await(LIMIT)).as("ended in time").isTrue();
    IoReport report = job.report();
    assertThat(report.clean()).as(report.toString()).isTrue();
    assertThat(report.completed()).isEqualTo(report.submitted()).isPositive();
    scan();
  }
}
