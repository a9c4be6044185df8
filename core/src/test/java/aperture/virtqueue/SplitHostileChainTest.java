package aperture.virtqueue;

import static aperture.virtqueue.RawRing.DATA;
import static aperture.virtqueue.RawRing.INDIRECT;
import static aperture.virtqueue.RawRing.NEXT;
import static aperture.virtqueue.RawRing.SIZE;
import static aperture.virtqueue.RawRing.TABLE;
import static aperture.virtqueue.RawRing.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Permission;
import aperture.virtqueue.QueueFault.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains that a driver must not build, defect by defect, and odd ones that it may. */
class SplitHostileChainTest {

  @ParameterizedTest
  @ValueSource(ints = {SIZE, 0x8000, 0xffff})
  void nextIsNoDescriptor(int next) throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(3, ring.data(), 8, NEXT, next);
      QueueFault fault = RawRing.breaks(ring.publish(3), Kind.NEXT_INDEX);
      assertThat(fault.descriptor()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 7, 0xffff})
  void nextIsOutsideTheIndirectTable(int next) throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      ring.descriptor(0, ring.table(), 2 * 16, INDIRECT, 0);
      ring.entry(0, ring.data(), 8, NEXT, next);
      RawRing.breaks(ring.publish(0), Kind.NEXT_INDEX);
    }
  }

  @Test
  void chainLeadsToItself() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(1, ring.data(), 8, NEXT, 1);
      RawRing.breaks(ring.publish(1), Kind.CHAIN_TOO_LONG);
    }
  }

  @Test
  void chainRunsInACircle() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      for (int i = 0; i < SIZE; i++) {
        ring.descriptor(i, ring.data(), 0, NEXT, (i + 1) % SIZE);
      }
      RawRing.breaks(ring.publish(5), Kind.CHAIN_TOO_LONG);
    }
  }

  @Test
  void indirectTableRunsInACircle() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      ring.descriptor(0, ring.table(), 3 * 16, INDIRECT, 0);
      for (int i = 0; i < 3; i++) {
        ring.entry(i, ring.data(), 1, NEXT, (i + 1) % 3);
      }
      RawRing.breaks(ring.publish(0), Kind.CHAIN_TOO_LONG);
    }
  }

  @Test
  void indirectWithoutTheFeature() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.table(), 16, INDIRECT, 0).entry(0, ring.data(), 8, 0, 0);
      RawRing.breaks(ring.publish(0), Kind.INDIRECT_NOT_NEGOTIATED);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 17, 0x10_0000, -16, -1})
  void indirectTableOfNoWholeOrTooManyEntries(int length) throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      ring.descriptor(0, ring.table(), length, INDIRECT, 0).entry(0, ring.data(), 8, 0, 0);
      RawRing.breaks(ring.publish(0), Kind.INDIRECT_LENGTH);
    }
  }

  @Test
  void indirectTableInsideAnIndirectTable() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      ring.descriptor(0, ring.table(), 16, INDIRECT, 0).entry(0, ring.table(), 16, INDIRECT, 0);
      RawRing.breaks(ring.publish(0), Kind.INDIRECT_NESTED);
    }
  }

  @Test
  void indirectAndLinked() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      ring.descriptor(0, ring.table(), 16, INDIRECT | NEXT, 1).entry(0, ring.data(), 8, 0, 0);
      ring.descriptor(1, ring.data(), 8, 0, 0);
      RawRing.breaks(ring.publish(0), Kind.INDIRECT_AND_NEXT);
    }
  }

  @Test
  void indirectTableThatDoesNotTranslate() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      ring.descriptor(0, 0xdead_0000_0000L, 16, INDIRECT, 0);
      assertThat(RawRing.breaks(ring.publish(0), Kind.TRANSLATION).dma()).isPresent();
    }
  }

  @Test
  void readableAfterWritable() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, WRITE | NEXT, 1).descriptor(1, ring.data(), 8, 0, 0);
      RawRing.breaks(ring.publish(0), Kind.READABLE_AFTER_WRITABLE);
    }
  }

  @Test
  void readableInATableAfterWritableBeforeIt() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      ring.descriptor(0, ring.data(), 8, WRITE | NEXT, 1);
      ring.descriptor(1, ring.table(), 16, INDIRECT, 0).entry(0, ring.data(), 8, 0, 0);
      RawRing.breaks(ring.publish(0), Kind.READABLE_AFTER_WRITABLE);
    }
  }

  @Test
  void elementsOfLengthZeroAreSkippedWhereverTheyPoint() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, 0xdead_0000_0000L, 0, NEXT, 1);
      ring.descriptor(1, ring.data(), 5, NEXT, 2);
      ring.descriptor(2, -1L, 0, WRITE | NEXT, 3);
      ring.descriptor(3, ring.data() + 8, 7, WRITE, 0);
      DescriptorChain chain = RawRing.serves(ring.publish(0));
      assertThat(chain.reader().total()).isEqualTo(5);
      assertThat(chain.writer().total()).isEqualTo(7);
    }
  }

  @Test
  void aChainOfNothingButEmptyElementsIsEmpty() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, -1L, 0, 0, 0);
      DescriptorChain chain = RawRing.serves(ring.publish(0));
      assertThat(chain.reader().total()).isZero();
      assertThat(chain.writer().total()).isZero();
      ring.complete();
      assertThat(ring.usedIndex()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 8", "0xdead00000000, 8", "-4, 8", "-1, 1", "-4096, -1", "0x7fffffffffffffff, 2"})
  void addressIsNoMemoryOrRunsRoundTheEnd(String address, int length) throws Exception {
    for (boolean scattered : new boolean[] {false, true}) {
      try (RawRing ring = new RawRing(scattered, new RingFeatures(false, false))) {
        ring.descriptor(0, Long.decode(address), length, 0, 0);
        assertThat(RawRing.breaks(ring.publish(0), Kind.TRANSLATION).dma()).isPresent();
      }
    }
  }

  @Test
  void rangeLeavesMemory() throws Exception {
    try (RawRing ring = new RawRing(false, new RingFeatures(false, false))) {
      long end = (1L << 20) + ring.dma.memory().size();
      ring.descriptor(0, end - 8, 8, 0, 0).descriptor(1, end - 8, 9, WRITE, 0).publish(0);
      RawRing.serves(ring);
      ring.complete();
      ring.publish(1);
      assertThat(ring.poll()).isEqualTo(PollResult.FAULT);
      assertThat(ring.device.fault().orElseThrow().kind()).isEqualTo(Kind.TRANSLATION);
    }
  }

  @Test
  void rangeIsOnlyPartlyMapped() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.dma.protect(ring.data() + 2 * 4096, 4096, Permission.NONE);
      ring.descriptor(0, ring.data(), 100, NEXT, 1);
      ring.descriptor(1, ring.data(), 4 * 4096, WRITE, 0);
      QueueFault fault = RawRing.breaks(ring.publish(0), Kind.TRANSLATION);
      assertThat(fault.descriptor()).isEqualTo(1);
      assertThat(fault.dma().orElseThrow().unmapped()).isNotEmpty();
    }
  }

  @Test
  void elementIsWritableWhereTheDeviceMayOnlyRead() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.dma.protect(ring.data(), 4096, Permission.READ);
      ring.descriptor(0, ring.data(), 8, WRITE, 0);
      RawRing.breaks(ring.publish(0), Kind.TRANSLATION);
    }
  }

  @Test
  void chainOfMoreThanFourGibibytes() throws Exception {
    try (RawRing ring = new RawRing(false, new RingFeatures(true, false))) {
      int entries = 1024;
      int each = 0x40_0000;
      ring.descriptor(0, ring.address + 0x4000, entries * 16, INDIRECT, 0);
      for (int i = 0; i < entries; i++) {
        ring.at(0x4000 + 16 * i, ring.address, each, NEXT, i + 1);
      }
      RawRing.breaks(ring.publish(0), Kind.TOTAL_LENGTH);
    }
  }

  @Test
  void chainOfMoreElementsThanTheLimit() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      int entries = Virtqueues.MAX_ELEMENTS + 1;
      ring.descriptor(0, ring.address + 0x10000, entries * 16, INDIRECT, 0);
      for (int i = 0; i < entries; i++) {
        ring.at(0x10000 + 16 * i, ring.data(), 1, i + 1 < entries ? NEXT : 0, i + 1);
      }
      RawRing.breaks(ring.publish(0), Kind.TOO_MANY_ELEMENTS);
    }
  }

  @Test
  void aChainOfExactlyTheLimitIsServed() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      int entries = Virtqueues.MAX_ELEMENTS;
      ring.descriptor(0, ring.address + 0x10000, entries * 16, INDIRECT, 0);
      for (int i = 0; i < entries; i++) {
        ring.at(0x10000 + 16 * i, ring.data() + i, 1, i + 1 < entries ? NEXT : 0, i + 1);
      }
      assertThat(RawRing.serves(ring.publish(0)).reader().total()).isEqualTo(entries);
    }
  }

  @Test
  void indirectBehindDirectDescriptorsIsFollowed() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      ring.descriptor(2, ring.data(), 3, NEXT, 6).descriptor(6, ring.data(), 4, NEXT, 1);
      // WRITE on the descriptor that names a table has no meaning; neither has its next.
      ring.descriptor(1, ring.table(), 4 * 16, INDIRECT | WRITE, 77);
      ring.entry(0, ring.data(), 5, NEXT, 3).entry(3, ring.data(), 6, WRITE, 0);
      DescriptorChain chain = RawRing.serves(ring.publish(2));
      assertThat(chain.reader().total()).isEqualTo(12);
      assertThat(chain.writer().total()).isEqualTo(6);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 4080, 4081, 4088, 4095})
  void anIndirectTableMayLieAnywhere(int shift) throws Exception {
    for (boolean scattered : new boolean[] {false, true}) {
      try (RawRing ring = new RawRing(scattered, new RingFeatures(true, false))) {
        ring.descriptor(0, ring.table() + shift, 3 * 16, INDIRECT, 0);
        ring.at(TABLE + shift, ring.data(), 0x11, NEXT, 2);
        ring.at(TABLE + shift + 32, ring.data() + 4090, 0x123, WRITE, 0);
        DescriptorChain chain = RawRing.serves(ring.publish(0));
        assertThat(chain.reader().total()).isEqualTo(0x11);
        assertThat(chain.writer().total()).isEqualTo(0x123);
        byte[] pattern = new byte[0x123];
        for (int i = 0; i < pattern.length; i++) {
          pattern[i] = (byte) i;
        }
        chain.writer().put(pattern, 0, pattern.length);
        byte[] written = new byte[pattern.length];
        ring.memory.read(DATA + 4090, written, 0, written.length);
        assertThat(written).isEqualTo(pattern);
      }
    }
  }
}
