package aperture.guest.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.GuestBuffer;
import aperture.guest.fake.FakePlatform;
import aperture.iommu.Access;
import org.junit.jupiter.api.Test;

class GrantDmaTest extends OwnDmaContract {

  @Override
  OwnDma open(FakePlatform on) {
    return new GrantDma(on.direct());
  }

  /** As a back end that maps grants does. */
  @Override
  long place(long address, int length, Access access) {
    return ((GrantDma) dma).granted(address);
  }

  @Override
  boolean mapsEachTime() {
    return true;
  }

  @Test
  void an_address_is_bit_63_the_number_of_a_grant_and_the_offset_in_its_page() throws Exception {
    GuestBuffer buffer = dma.allocate(BUFFER);
    long first = dma.map(buffer.gpa() + 4000, 200, Direction.TO_DEVICE);
    long second = dma.map(buffer.gpa(), 1, Direction.TO_DEVICE);
    assertThat(first).isEqualTo(1L << 63 | 8L << 12 | 4000);
    assertThat(second).as("two pages, two grants").isEqualTo(1L << 63 | 10L << 12);
    dma.unmap(first, 200);
    assertThat(dma.map(buffer.gpa() + 8, 8, Direction.TO_DEVICE))
        .isEqualTo(1L << 63 | 8L << 12 | 8);
  }

  @Test
  void grants_are_as_many_as_xen_lets_a_domain_have() throws Exception {
    long pages = GrantDma.GRANTS - 8;
    GuestBuffer buffer = dma.allocate(4096);
    for (int i = 0; i < pages; i++) {
      dma.map(buffer.gpa(), 1, Direction.TO_DEVICE);
    }
    assertThatThrownBy(() -> dma.map(buffer.gpa(), 1, Direction.TO_DEVICE))
        .isInstanceOf(DmaException.class)
        .hasMessageContaining("no 1 grants in a row are free");
  }
}
