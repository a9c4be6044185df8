package aperture.guest.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.GuestBuffer;
import aperture.guest.fake.FakePlatform;
import aperture.iommu.Access;
import org.junit.jupiter.api.Test;

class OneToOneDmaTest extends OwnDmaContract {

  @Override
  OwnDma open(FakePlatform on) {
    return new OneToOneDma(on.bus());
  }

  @Override
  long place(long address, int length, Access access) {
    return platform.bus().translate(address, length, access);
  }

  @Override
  boolean mapsEachTime() {
    return false;
  }

  @Test
  void addresses_are_those_of_memory_and_all_memory_around_is_mapped() throws Exception {
    GuestBuffer buffer = dma.allocate(BUFFER);
    CoherentBuffer ring = dma.allocateCoherent(100);
    assertThat(dma.map(buffer.gpa() + 77, 100, Direction.TO_DEVICE)).isEqualTo(buffer.gpa() + 77);
    assertThat(ring.address()).isEqualTo(ring.memory().gpa());
    assertThat(place(40 << 20, 4096, Access.WRITE)).isEqualTo(40 << 20);
    assertThat(platform.bus().mapped()).isEqualTo(1);
    dma.freeCoherent(ring);
  }

  @Test
  void what_is_refused_is_left_out_and_the_rest_is_mapped() throws Exception {
    platform.bus().mapAt(32 << 20, 0, 4096, Direction.TO_DEVICE);
    dma.allocate(BUFFER);
    assertThat(place((32 << 20) - 1, 1, Access.WRITE)).isEqualTo((32 << 20) - 1);
    assertThat(place(32 << 20, 1, Access.WRITE)).isNegative();
    assertThat(place((32 << 20) + (64 << 10), 1, Access.WRITE)).isEqualTo((32 << 20) + (64 << 10));
    platform.bus().unmap(32 << 20, 4096);
  }
}
