package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.AddressSpace;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.Lease;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions where addresses are guest-physical. */
class PhysicalSessionTest {

  private static final long HIGH = 1L << 32;

  private final FaultLog faults = new FaultLog();
  private GuestMemory memory;
  private EndpointDma face;
  private DmaSession session;

  @BeforeEach
  void open() throws IOException {
    memory =
        GuestMemory.allocate(List.of(new MemoryRange(0, 1 << 20), new MemoryRange(HIGH, 1 << 20)));
    face = new EndpointDma(Endpoint.pci(0, 0, 1, 0), memory, null, faults);
    session = face.openSession();
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void anAddressIsItselfInOnePieceHoweverLong() {
    DmaRanges ranges = new DmaRanges();
    assertThat(session.begin()).isTrue();

    assertThat(session.translate(HIGH + 5, (1 << 20) - 5, Access.WRITE, ranges))
        .isEqualTo(TranslateStatus.OK);
    assertThat(session.translate(0, 8, Access.READ, ranges)).isEqualTo(TranslateStatus.OK);
    session.hold();
    session.end();

    assertThat(ranges.count()).isEqualTo(2);
    assertThat(memory.gpaOf(ranges.offset(0))).isEqualTo(HIGH + 5);
    assertThat(ranges.length(0)).isEqualTo((1 << 20) - 5);
    assertThat(memory.gpaOf(ranges.offset(1))).isZero();
    assertThat(face.covered()).isFalse();
    assertThat(face.misses() + face.hits()).as("no IOMMU was asked").isZero();
  }

  @Test
  void whatIsNotMemoryIsALoggedFaultAndAppendsNothing() {
    DmaRanges ranges = new DmaRanges();
    session.begin();
    long[][] wrong = {{1 << 20, 1}, {(1 << 20) - 1, 2}, {0, 0}, {8, -1}, {-8, 16}, {HIGH - 1, 2}};
    for (long[] range : wrong) {
      assertThat(session.translate(range[0], range[1], Access.READ, ranges))
          .isEqualTo(TranslateStatus.FAULT);
      assertThat(session.fault().orElseThrow().cause().kind()).isEqualTo(FaultKind.NOT_MEMORY);
    }
    session.end();

    assertThat(ranges.count()).isZero();
    assertThat(faults.total()).isEqualTo(wrong.length);
  }

  @Test
  void aFullListIsAFault() {
    DmaRanges ranges = new DmaRanges();
    session.begin();
    for (int i = 0; i < DmaRanges.LIMIT; i++) {
      session.translate(i, 1, Access.READ, ranges);
    }

    assertThat(session.translate(0, 1, Access.READ, ranges)).isEqualTo(TranslateStatus.FAULT);
    assertThat(ranges.count()).isEqualTo(DmaRanges.LIMIT);
  }

  @Test
  void nothingIsEverRevokedAndClosingEndsIt() throws Exception {
    long generation = session.generation();
    session.begin();
    session.hold();
    Lease lease = session.retain();
    session.end();

    assertThat(lease.revoked()).isFalse();
    lease.close();
    session.awaitGrant();
    assertThat(session.generation()).isEqualTo(generation);
    session.close();
    assertThat(session.begin()).isFalse();
  }

  @Test
  void theBusSpaceWithoutAnIommuIsPhysicalToo() {
    face.select(AddressSpace.BUS);
    DmaSession bus = face.openSession();
    bus.begin();

    assertThat(bus.translate(HIGH, 8, Access.READ, new DmaRanges())).isEqualTo(TranslateStatus.OK);
    assertThat(face.explain(HIGH, 8, Access.READ).fault()).isEmpty();
    assertThat(face.explain(1 << 20, 8, Access.READ).fault()).isPresent();
  }
}
