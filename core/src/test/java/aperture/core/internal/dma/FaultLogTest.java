package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuFault;
import org.junit.jupiter.api.Test;

/** The log of translation faults: bounded, whatever a guest does. */
class FaultLogTest {

  private final FaultLog log = new FaultLog();
  private final Endpoint one = Endpoint.pci(0, 0, 1, 0);
  private final Endpoint other = Endpoint.pci(1, 0, 2, 0);

  private static IommuFault fault(Endpoint by, long iova, FaultKind kind, int reason) {
    return new IommuFault(
        by.id(), by.requesterId(), iova, Access.READ, kind, reason, "text", "", 0, 0, true);
  }

  @Test
  void theSameCauseIsKeptOnceWithACountAndMovesToTheEnd() {
    log.add(one, fault(one, 0x1008, FaultKind.UNMAPPED, 3), "first");
    log.add(one, fault(one, 0x2000, FaultKind.UNMAPPED, 3), "second");
    log.add(one, fault(one, 0x1ff0, FaultKind.UNMAPPED, 3), "third");

    assertThat(log.entries()).hasSize(2);
    FaultLog.Entry newest = log.entries().get(1);
    assertThat(newest.count()).isEqualTo(2);
    assertThat(newest.fault().iova()).as("what was seen first").isEqualTo(0x1008);
    assertThat(newest.recorded()).isEqualTo("first");
    assertThat(log.total()).isEqualTo(3);
  }

  @Test
  void pageKindReasonAndRequesterMakeADifferentCause() {
    log.add(one, fault(one, 0x1000, FaultKind.UNMAPPED, 3), "");
    log.add(one, fault(one, 0x2000, FaultKind.UNMAPPED, 3), "");
    log.add(one, fault(one, 0x1000, FaultKind.DENIED, 3), "");
    log.add(one, fault(one, 0x1000, FaultKind.UNMAPPED, 4), "");
    log.add(other, fault(other, 0x1000, FaultKind.UNMAPPED, 3), "");

    assertThat(log.entries()).hasSize(5).allSatisfy(e -> assertThat(e.count()).isEqualTo(1));
  }

  @Test
  void aHostileGuestFillsNothingAndEveryFaultIsStillCounted() {
    for (long page = 0; page < 10_000; page++) {
      log.add(one, fault(one, page << 12, FaultKind.UNMAPPED, 3), "");
    }
    log.add(other, fault(other, 0, FaultKind.UNMAPPED, 3), "");

    assertThat(log.entries()).hasSize(FaultLog.LIMIT);
    assertThat(log.entries().get(FaultLog.LIMIT - 1).endpoint()).isEqualTo(other);
    assertThat(log.entries().get(0).fault().iova()).isEqualTo((10_000L - 255) << 12);
    assertThat(log.countOf(one)).isEqualTo(10_000);
    assertThat(log.countOf(other)).isEqualTo(1);
    assertThat(log.total()).isEqualTo(10_001);
  }

  @Test
  void anIdentityThatPassesToAnotherDeviceStartsWithoutFaults() {
    log.add(one, fault(one, 0x1000, FaultKind.UNMAPPED, 3), "");
    log.add(other, fault(other, 0x1000, FaultKind.UNMAPPED, 3), "");

    log.forget(one);

    assertThat(log.countOf(one)).isZero();
    assertThat(log.entries()).hasSize(1);
    assertThat(log.countOf(other)).isEqualTo(1);
  }
}
