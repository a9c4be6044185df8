package aperture.guest.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.GuestBuffer;
import aperture.guest.fake.FakePlatform;
import aperture.iommu.Access;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BounceDmaTest extends OwnDmaContract {

  private static final int POOL = 64 << 10;

  @Override
  OwnDma open(FakePlatform on) throws DmaException {
    return BounceDma.over(on.bus(), POOL);
  }

  @Override
  long place(long address, int length, Access access) {
    return platform.bus().translate(address, length, access);
  }

  @Override
  boolean mapsEachTime() {
    return true;
  }

  @AfterEach
  void thePoolIsTheOnlyMappingEver() {
    assertThat(platform.bus().maps()).isEqualTo(1);
  }

  @Test
  void a_device_reads_the_pool_and_not_the_buffer() throws Exception {
    GuestBuffer buffer = dma.allocate(4096);
    buffer.fill(0, 4096, (byte) 1);
    long address = dma.map(buffer.gpa(), 4096, Direction.TO_DEVICE);
    buffer.fill(0, 4096, (byte) 2);
    assertThat(platform.read(place(address, 4096, Access.READ), 4096)).containsOnly(1);
    dma.syncForDevice(address, 4096);
    assertThat(platform.read(place(address, 4096, Access.READ), 4096)).containsOnly(2);
    dma.unmap(address, 4096);
  }

  @Test
  void nothing_comes_back_from_a_device_that_was_only_to_read() throws Exception {
    GuestBuffer buffer = dma.allocate(4096);
    buffer.fill(0, 4096, (byte) 1);
    long address = dma.map(buffer.gpa(), 4096, Direction.TO_DEVICE);
    platform.write(place(address, 4, Access.WRITE), new byte[] {9, 9, 9, 9});
    dma.syncForCpu(address, 4096);
    dma.unmap(address, 4096);
    assertThat(buffer.get32(0)).isEqualTo(0x01010101);
  }

  @Test
  void a_full_pool_refuses_and_takes_again_when_there_is_room() throws Exception {
    GuestBuffer buffer = dma.allocate(POOL + 4096);
    long half = dma.map(buffer.gpa(), POOL / 2, Direction.TO_DEVICE);
    assertThatThrownBy(() -> dma.map(buffer.gpa(), POOL / 2 + 1, Direction.TO_DEVICE))
        .isInstanceOf(DmaException.class)
        .hasMessageContaining("the bounce pool of 65536 bytes has no room");
    assertThatThrownBy(() -> dma.map(buffer.gpa(), POOL + 1, Direction.TO_DEVICE))
        .isInstanceOf(DmaException.class);
    long rest = dma.map(buffer.gpa(), POOL / 2, Direction.TO_DEVICE);
    assertThatThrownBy(() -> dma.allocateCoherent(1)).isInstanceOf(DmaException.class);
    dma.unmap(half, POOL / 2);
    dma.unmap(dma.map(buffer.gpa(), POOL / 2, Direction.TO_DEVICE), POOL / 2);
    dma.unmap(rest, POOL / 2);
  }

  @Test
  void what_is_not_mapped_is_not_synced() {
    for (long address : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> dma.syncForCpu(address, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
