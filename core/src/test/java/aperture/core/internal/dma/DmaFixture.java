package aperture.core.internal.dma;

import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.testkit.FlatRow;
import aperture.testkit.HookedBehavior;
import aperture.testkit.TestMachine;
import aperture.testkit.Worker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A machine with one endpoint behind a behaviour that can be looked into, and threads. */
abstract class DmaFixture {

  static final long MEMORY = 64L << 20;
  static final long PAGE = 4096;

  HookedBehavior behavior;
  TestMachine machine;
  EndpointDma face;
  DriverFace driver;
  private final List<Worker> workers = new ArrayList<>();

  @BeforeEach
  void bringUp() throws Exception {
    behavior = new HookedBehavior();
    machine = TestMachine.create(behavior, FlatRow.row("2.0", true), MEMORY);
    face = machine.addEndpoint();
    driver = machine.driver(face);
  }

  @AfterEach
  void takeDown() {
    workers.forEach(Worker::close);
    machine.close();
  }

  Worker worker(String name) {
    Worker worker = new Worker(name);
    workers.add(worker);
    return worker;
  }

  /** Maps {@code pages} fresh pages; the device may do everything. */
  long map(int pages) throws DmaException {
    return driver.map(driver.allocate(pages * PAGE).gpa(), pages * PAGE, Direction.BIDIRECTIONAL);
  }

  /** Begins a batch and translates a range in it. */
  static TranslateStatus beginWith(DmaSession session, long iova, long length) {
    if (!session.begin()) {
      throw new IllegalStateException("the session may not translate now");
    }
    return session.translate(iova, length, Access.READ, new DmaRanges());
  }

  /** Begins a batch, translates a range and holds it. */
  static TranslateStatus holdWith(DmaSession session, long iova, long length) {
    TranslateStatus status = beginWith(session, iova, length);
    session.hold();
    return status;
  }

  /** What one access in a batch of its own comes to. */
  static TranslateStatus tryOnce(DmaSession session, long iova, long length, Access access) {
    if (!session.begin()) {
      return TranslateStatus.REVOKED;
    }
    TranslateStatus status = session.translate(iova, length, access, new DmaRanges());
    session.hold();
    session.end();
    return status;
  }
}
