package aperture.console.dma;

import aperture.admin.ControlException;
import aperture.admin.ReplayQuestion;
import aperture.admin.ReplayReport;
import aperture.console.capture.Capture;
import aperture.console.capture.CaptureReader;
import aperture.console.capture.CaptureWriter;
import aperture.console.command.Outcome;
import aperture.console.control.Controls;
import aperture.console.qmp.PciAddress;
import aperture.console.qmp.QemuDevices;
import aperture.console.qmp.QemuMachine;
import aperture.console.qmp.QemuPause;
import aperture.console.qmp.Qmp;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuSnapshot;
import aperture.iommu.MappedRegister;
import aperture.vhostuser.VhostGuest;
import aperture.vhostuser.VhostServerInfo;
import aperture.vhostuser.VhostTranslation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Takes a capture of a guest that QEMU runs and a server of ours serves: QEMU stops it and reads
 * the IOMMU's registers, the pages come from the memory that it shares, and the answers are the
 * translations that QEMU gave and had not ended when the guest stopped.
 */
public final class GuestCapture {

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String ORACLE = "vhost-iotlb-miss";
  private static final int MOST_SHOWN = 10;
  private static final long PAGE = 4096;

  /**
   * What to capture.
   *
   * @param server whose guest
   * @param folder to write, new or empty
   * @param qmp QEMU's control socket
   * @param iommu IOMMU kind; empty for the one of the server's machine type
   * @param endpoint where the device is; empty to ask QEMU
   */
  public record Wanted(
      VhostServerInfo server,
      Path folder,
      Path qmp,
      Optional<String> iommu,
      Optional<PciAddress> endpoint) {}

  private final Controls controls;
  private final Duration limit;

  public GuestCapture(Controls controls) {
    this(controls, LIMIT);
  }

  /**
   * @param limit for each of QEMU's answers
   */
  GuestCapture(Controls controls, Duration limit) {
    this.controls = controls;
    this.limit = limit;
  }

  /**
   * Takes it, writes it, and compares.
   *
   * @return a failed outcome when a walk of what was captured does not give all answers
   */
  public Outcome take(Wanted wanted) throws ControlException {
    CaptureWriter.requireFree(wanted.folder());
    String kind = new IommuKinds(controls).of(wanted.server().name(), wanted.iommu());
    Map<String, String> provenance = new HashMap<>();
    Capture capture;
    try (VhostGuest guest = controls.vhost().guest(wanted.server().name())) {
      capture = stopped(wanted, kind, guest, provenance);
    }
    ReplayReport check = controls.dma().replay(capture.snapshot(), capture.questions(), MOST_SHOWN);
    provenance.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    provenance.put("server", wanted.server().socket());
    CaptureWriter.write(wanted.folder(), capture, ORACLE, provenance);
    String machine = capture.snapshot().machine();
    return new Outcome(
        CaptureResult.of(
            machine, wanted.server().name(), wanted.folder(), capture.snapshot(), check),
        check.agree() == check.answers()
            ? ""
            : "%d of %d answers that the front end gave are not what the tables say"
                .formatted(check.answers() - check.agree(), check.answers()));
  }

  /** All that takes time but need not stop the guest is done before. */
  private Capture stopped(
      Wanted wanted, String kind, VhostGuest guest, Map<String, String> provenance)
      throws ControlException {
    try (Qmp qmp = Qmp.connect(wanted.qmp(), limit)) {
      QemuMachine machine = new QemuMachine(qmp);
      provenance.put("qemu", machine.version());
      String type = machine.type();
      List<MappedRegister> registers = controls.dma().registers(kind, type);
      Endpoint endpoint = place(wanted, qmp).endpoint("virtio-" + wanted.server().type());
      if (!machine.running()) {
        throw ControlException.failed(
            "the guest does not run: what it was told is only known up to a stop; continue it");
      }
      try (QemuPause pause = QemuPause.begin(wanted.qmp(), limit, qmp)) {
        QemuMachine still = new QemuMachine(pause.connection());
        Map<String, Long> values = new HashMap<>();
        for (MappedRegister register : registers) {
          values.put(register.name(), still.read(register));
        }
        List<ReplayQuestion> questions = questions(endpoint, guest.translations());
        IommuSnapshot bare =
            new IommuSnapshot(
                kind, type, values, List.of(endpoint), guest.memory(), List.of(), List.of());
        return new Capture(
            CaptureReader.name(wanted.folder()),
            controls.dma().complete(bare, questions, (gpa, page) -> read(guest, gpa, page)),
            questions);
      }
    }
  }

  private static PciAddress place(Wanted wanted, Qmp qmp) throws ControlException {
    return wanted.endpoint().isPresent()
        ? wanted.endpoint().get()
        : new QemuDevices(qmp).servedBy(Path.of(wanted.server().socket()));
  }

  private static boolean read(VhostGuest guest, long gpa, byte[] page) throws ControlException {
    try {
      return guest.read(gpa, page);
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.FAILED, "a page cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<ReplayQuestion> questions(
      Endpoint endpoint, List<VhostTranslation> translations) {
    List<ReplayQuestion> questions = new ArrayList<>();
    for (VhostTranslation each : translations) {
      ask(questions, endpoint, each, 0);
      if (Long.compareUnsigned(each.size() - 1, PAGE) >= 0) {
        ask(questions, endpoint, each, each.size() - 1);
      }
    }
    return questions;
  }

  private static void ask(
      List<ReplayQuestion> questions, Endpoint endpoint, VhostTranslation given, long offset) {
    for (Access access : Access.values()) {
      if (access == Access.READ ? given.read() : given.write()) {
        questions.add(
            new ReplayQuestion(
                endpoint.id(),
                given.iova() + offset,
                access,
                OptionalLong.of(given.gpa() + offset)));
      }
    }
  }
}
