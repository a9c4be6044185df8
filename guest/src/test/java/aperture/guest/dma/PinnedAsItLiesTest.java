package aperture.guest.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.GuestBuffer;
import aperture.guest.dma.PinnedDma.Placement;
import org.junit.jupiter.api.Test;

class PinnedAsItLiesTest extends PinnedAnywhereTest {

  @Override
  Placement placement() {
    return Placement.AS_IT_LIES;
  }

  @Test
  void addresses_are_those_of_guest_memory() throws Exception {
    GuestBuffer buffer = dma.allocate(BUFFER);
    CoherentBuffer ring = dma.allocateCoherent(100);
    assertThat(dma.map(buffer.gpa() + 77, 100, Direction.TO_DEVICE)).isEqualTo(buffer.gpa() + 77);
    assertThat(ring.address()).isEqualTo(ring.memory().gpa());
    assertThat(dma.translated()).isTrue();
    dma.freeCoherent(ring);
  }
}
