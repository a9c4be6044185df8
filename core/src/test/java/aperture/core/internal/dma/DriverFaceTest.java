package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.AddressSpace;
import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.testkit.TestMachine.Translation;
import org.junit.jupiter.api.Test;

/** The DMA API that drivers use. */
class DriverFaceTest extends DmaFixture {

  private long live() {
    return machine.unit().mappings().countOf(face.endpoint());
  }

  @Test
  void aMaskMustBeARowOfLowBitsThatReachesAPage() throws Exception {
    for (long mask : new long[] {0, 1, 0xfff, 0xfffe, 0xff00ff, -2L, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> driver.setAddressMask(mask))
          .as("0x%x", mask)
          .isInstanceOf(DmaException.class);
    }
    assertThat(driver.addressMask()).isEqualTo(-1L);
    driver.setAddressMask(0x1fff);
    assertThat(driver.addressMask()).isEqualTo(0x1fff);
    driver.setAddressMask(Long.MAX_VALUE);
    driver.setAddressMask(-1L);
    assertThat(driver.addressMask()).isEqualTo(-1L);
  }

  @Test
  void theLastByteOfAMappingObeysTheMask() throws Exception {
    driver.setAddressMask(0x3fff);
    long gpa = driver.allocate(4 * PAGE).gpa();

    assertThatThrownBy(() -> driver.map(gpa, 4 * PAGE, Direction.TO_DEVICE))
        .as("page 0 is never an IOVA here, so that four pages end above the mask")
        .isInstanceOf(DmaException.class);
    assertThat(driver.map(gpa, 3 * PAGE, Direction.TO_DEVICE)).isEqualTo(PAGE);
    assertThat(live()).isEqualTo(1);
  }

  @Test
  void aMappingCoversTheWholePagesThatItTouches() throws Exception {
    GuestBuffer buffer = driver.allocate(3 * PAGE);
    long iova = driver.map(buffer.gpa() + PAGE - 1, 2, Direction.TO_DEVICE);

    assertThat(iova & (PAGE - 1)).isEqualTo(PAGE - 1);
    DmaSession session = face.openSession();
    assertThat(machine.translate(session, iova, 2, Access.READ).gpa())
        .isEqualTo(buffer.gpa() + PAGE - 1);
    assertThatThrownBy(() -> driver.unmap(iova, PAGE + 2)).isInstanceOf(DmaException.class);
    assertThatThrownBy(() -> driver.unmap(iova, 1)).isInstanceOf(DmaException.class);
    assertThatThrownBy(() -> driver.unmap(iova, 0)).isInstanceOf(DmaException.class);
    assertThatThrownBy(() -> driver.unmap(iova, Long.MIN_VALUE)).isInstanceOf(DmaException.class);
    driver.unmap(iova, 2);

    assertThat(live()).isZero();
    assertThatThrownBy(() -> driver.unmap(iova, 2)).isInstanceOf(DmaException.class);
  }

  @Test
  void whatIsNotMemoryCannotBeMapped() {
    for (long[] range : new long[][] {{MEMORY, 1}, {MEMORY - 1, 2}, {0, 0}, {0, -1}, {-1, 2}}) {
      assertThatThrownBy(() -> driver.map(range[0], range[1], Direction.TO_DEVICE))
          .isInstanceOf(DmaException.class);
    }
    assertThat(live()).isZero();
  }

  @Test
  void directionsBecomePermissions() throws Exception {
    long gpa = driver.allocate(PAGE).gpa();
    DmaSession session = face.openSession();
    for (Direction direction : Direction.values()) {
      long iova = driver.map(gpa, PAGE, direction);
      assertThat(tryOnce(session, iova, 8, Access.READ) == TranslateStatus.OK)
          .isEqualTo(direction != Direction.FROM_DEVICE);
      assertThat(tryOnce(session, iova, 8, Access.WRITE) == TranslateStatus.OK)
          .isEqualTo(direction != Direction.TO_DEVICE);
      driver.unmap(iova, PAGE);
    }
  }

  @Test
  void piecesThatLieTogetherAreOneMappingAndWholePagesMergeBehindEachOther() throws Exception {
    GuestBuffer a = driver.allocate(4 * PAGE);
    GuestBuffer hole = driver.allocate(PAGE);
    GuestBuffer b = driver.allocate(2 * PAGE);
    ScatterList list = new ScatterList(8);
    list.add(a.gpa(), PAGE);
    list.add(a.gpa() + PAGE, 3 * PAGE);
    list.add(b.gpa(), PAGE);
    list.add(b.gpa() + PAGE, 100);

    driver.mapAll(list, Direction.TO_DEVICE);

    assertThat(hole.gpa()).isBetween(a.gpa(), b.gpa());
    assertThat(list.mapped()).isEqualTo(1);
    assertThat(list.mappedLength(0)).isEqualTo(5 * PAGE + 100);
    assertThat(live()).as("two runs of memory").isEqualTo(2);
    Translation whole =
        machine.translate(face.openSession(), list.address(0), 5 * PAGE + 100, Access.READ);
    assertThat(whole.pieces()).hasSize(2);
    assertThat(whole.pieces().get(1).gpa()).isEqualTo(b.gpa());
    driver.unmapAll(list);
    assertThat(live()).isZero();
    assertThat(list.mapped()).isZero();
  }

  @Test
  void piecesThatEndInsideAPageDoNotMergeWithTheNext() throws Exception {
    GuestBuffer a = driver.allocate(2 * PAGE);
    GuestBuffer b = driver.allocate(2 * PAGE);
    ScatterList list = new ScatterList(8);
    list.add(a.gpa() + PAGE, 100);
    list.add(b.gpa(), PAGE);
    list.add(a.gpa() + 8, 8);

    driver.mapAll(list, Direction.TO_DEVICE);

    assertThat(list.mapped()).isEqualTo(3);
    DmaSession session = face.openSession();
    for (int i = 0; i < 3; i++) {
      assertThat(machine.translate(session, list.address(i), 8, Access.READ).gpa())
          .isEqualTo(list.gpa(i));
      assertThat(list.mappedLength(i)).isEqualTo(list.length(i));
    }
    driver.unmapAll(list);
    assertThat(live()).isZero();
  }

  @Test
  void aListThatDoesNotFitLeavesNothingMapped() throws Exception {
    GuestBuffer a = driver.allocate(8 * PAGE);
    driver.setAddressMask(0x3fff);
    ScatterList list = new ScatterList(8);
    for (int i = 0; i < 4; i++) {
      list.add(a.gpa() + 2L * i * PAGE, PAGE);
    }

    assertThatThrownBy(() -> driver.mapAll(list, Direction.TO_DEVICE))
        .isInstanceOf(DmaException.class);

    assertThat(live()).isZero();
    assertThat(list.mapped()).isZero();
    assertThat(list.pieces()).isEqualTo(4);
    driver.setAddressMask(-1L);
    driver.mapAll(list, Direction.TO_DEVICE);
    assertThat(list.mapped()).isEqualTo(1);
    driver.unmapAll(list);
  }

  @Test
  void aListWithAPieceThatIsNoMemoryLeavesNothingMapped() throws Exception {
    ScatterList list = new ScatterList(8);
    list.add(driver.allocate(PAGE).gpa(), PAGE);
    list.add(MEMORY, PAGE);

    assertThatThrownBy(() -> driver.mapAll(list, Direction.TO_DEVICE))
        .isInstanceOf(DmaException.class);

    assertThat(live()).isZero();
  }

  @Test
  void buffersAreWholePagesOfTheirOwn() throws Exception {
    GuestBuffer small = driver.allocate(1);
    GuestBuffer next = driver.allocate(1);

    assertThat(small.gpa() % PAGE).isZero();
    assertThat(small.size()).isEqualTo(PAGE);
    assertThat(Math.abs(next.gpa() - small.gpa())).isGreaterThanOrEqualTo(PAGE);
    for (long size : new long[] {0, -1, Long.MAX_VALUE, MEMORY}) {
      assertThatThrownBy(() -> driver.allocate(size)).isInstanceOf(DmaException.class);
    }
    long used = machine.pages().used();
    driver.free(small);
    assertThat(machine.pages().used()).isEqualTo(used - PAGE);
  }

  @Test
  void coherentMemoryIsMappedBothWaysAndGoneWhenFreed() throws Exception {
    long used = machine.pages().used();
    CoherentBuffer rings = driver.allocateCoherent(5000);
    DmaSession session = face.openSession();

    assertThat(tryOnce(session, rings.address(), 8192, Access.READ)).isEqualTo(TranslateStatus.OK);
    assertThat(tryOnce(session, rings.address(), 8192, Access.WRITE)).isEqualTo(TranslateStatus.OK);
    driver.freeCoherent(rings);

    assertThat(machine.pages().used()).isEqualTo(used);
    assertThat(tryOnce(session, rings.address(), 8, Access.READ)).isEqualTo(TranslateStatus.FAULT);
    assertThatThrownBy(() -> driver.freeCoherent(rings))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void coherentMemoryThatCannotBeMappedIsGivenBack() throws Exception {
    driver.setAddressMask(0x1fff);
    long used = machine.pages().used();

    assertThatThrownBy(() -> driver.allocateCoherent(4 * PAGE)).isInstanceOf(DmaException.class);

    assertThat(machine.pages().used()).isEqualTo(used);
  }

  @Test
  void physicalAddressesAreThemselvesAndTheIommuHearsNothing() throws Exception {
    DriverFace physical =
        new DriverFace(
            face.endpoint(),
            AddressSpace.PHYSICAL,
            machine.memory(),
            machine.pages(),
            machine.unit());
    GuestBuffer buffer = physical.allocate(PAGE);

    assertThat(physical.translated()).isFalse();
    assertThat(physical.map(buffer.gpa() + 7, 9, Direction.TO_DEVICE)).isEqualTo(buffer.gpa() + 7);
    physical.unmap(buffer.gpa() + 7, 9);
    physical.setAddressMask(0xffff);
    assertThatThrownBy(() -> physical.map(buffer.gpa(), 9, Direction.TO_DEVICE))
        .isInstanceOf(DmaException.class)
        .hasMessageContaining("mask");
    assertThatThrownBy(() -> physical.map(MEMORY, 9, Direction.TO_DEVICE))
        .isInstanceOf(DmaException.class);
    assertThat(live()).isZero();
    assertThat(behavior.walks()).isZero();
  }

  @Test
  void buffersAreCheckedAtBothEnds() throws Exception {
    GuestBuffer buffer = driver.allocate(PAGE);
    buffer.put32(PAGE - 4, 0x01020304);
    assertThat(buffer.get8(PAGE - 4)).isEqualTo((byte) 4);

    assertThatThrownBy(() -> buffer.get8(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.get8(PAGE)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.put64(PAGE - 7, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.storeRelease16(PAGE - 1, (short) 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.fill(1, PAGE, (byte) 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.read(PAGE - 1, new byte[8], 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.write(Long.MAX_VALUE, new byte[8], 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
