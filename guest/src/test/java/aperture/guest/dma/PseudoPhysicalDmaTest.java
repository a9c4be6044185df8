package aperture.guest.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.guest.fake.FakePlatform;
import aperture.iommu.Access;

/** The contract, except that a device gets elsewhere. */
class PseudoPhysicalDmaTest extends OwnDmaContract {

  @Override
  OwnDma open(FakePlatform on) {
    return new PseudoPhysicalDma(on.direct());
  }

  @Override
  long place(long address, int length, Access access) {
    return platform.direct().translate(address, length, access);
  }

  @Override
  boolean mapsEachTime() {
    return false;
  }

  @Override
  void assertSeen(byte[] seen, byte[] meant) {
    assertThat(seen).containsOnly(PseudoPhysicalDma.STRANGER);
  }

  @Override
  void assertFound(byte[] found, byte[] written, byte[] before) {
    assertThat(found).isEqualTo(before);
  }
}
