package aperture.guest.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.GuestBuffer;
import aperture.guest.dma.PinnedDma.Placement;
import aperture.guest.fake.FakePlatform;
import aperture.iommu.Access;
import org.junit.jupiter.api.Test;

class PinnedAnywhereTest extends OwnDmaContract {

  Placement placement() {
    return Placement.ANYWHERE;
  }

  @Override
  OwnDma open(FakePlatform on) {
    return new PinnedDma(on.bus(), placement());
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
  void memory_is_mapped_from_its_allocation_until_it_is_given_back() throws Exception {
    GuestBuffer buffer = dma.allocate(BUFFER);
    long address = dma.map(buffer.gpa(), 100, Direction.TO_DEVICE);
    dma.unmap(address, 100);
    assertThat(place(address, BUFFER, Access.WRITE)).isEqualTo(buffer.gpa());
    assertThat(dma.map(buffer.gpa(), 100, Direction.TO_DEVICE)).isEqualTo(address);
    assertThat(platform.bus().maps()).isEqualTo(1);
    dma.free(buffer);
    assertThat(place(address, BUFFER, Access.WRITE)).isNegative();
  }

  @Test
  void memory_that_cannot_be_mapped_is_given_back() {
    platform.bus().failMapsAfter(0);
    long before = platform.bytesInUse();
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> dma.allocate(BUFFER))
        .isInstanceOf(DmaException.class);
    assertThat(platform.bytesInUse()).isEqualTo(before);
  }
}
