package aperture.virtqueue;

import static aperture.virtqueue.RawRing.DATA;
import static aperture.virtqueue.RawRing.INDIRECT;
import static aperture.virtqueue.RawRing.NEXT;
import static aperture.virtqueue.RawRing.SIZE;
import static aperture.virtqueue.RawRing.TABLE;
import static aperture.virtqueue.RawRing.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.Permission;
import aperture.virtqueue.QueueFault.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a driver can do wrong with its rings, defect by defect: each breaks its queue, no more. */
class SplitHostileDriverTest {

  @ParameterizedTest
  @ValueSource(ints = {SIZE + 1, 0x8000, 0xffff})
  void availableIndexJumpsByMoreThanTheQueueSize(int index) throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, 0, 0);
      RawRing.breaks(ring.index(index), Kind.AVAILABLE_INDEX);
    }
  }

  @Test
  void availableIndexMovesBack() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, 0, 0).publish(0).publish(0);
      RawRing.serves(ring);
      ring.complete();
      ring.index(1);
      assertThat(ring.poll()).isEqualTo(PollResult.FAULT);
      assertThat(ring.device.fault().orElseThrow().kind()).isEqualTo(Kind.AVAILABLE_INDEX);
    }
  }

  @Test
  void moreChainsInFlightThanTheQueueHasEntries() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, 0, 0);
      for (int i = 0; i < SIZE; i++) {
        ring.publish(0);
      }
      RawRing.serves(ring);
      ring.session.end();
      ring.publish(0);
      RawRing.breaks(ring, Kind.AVAILABLE_INDEX);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {SIZE, SIZE + 1, 0x7fff, 0x8000, 0xffff})
  void headIsNoDescriptor(int head) throws Exception {
    try (RawRing ring = RawRing.plain()) {
      assertThat(RawRing.breaks(ring.publish(head), Kind.HEAD_INDEX).head()).isEqualTo(head);
    }
  }

  @Test
  void oneHeadMadeAvailableTwiceIsServedTwice() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(4, ring.data(), 8, WRITE, 0).publish(4).publish(4);
      assertThat(ring.poll()).isEqualTo(PollResult.CHAINS);
      assertThat(ring.batch.size()).isEqualTo(2);
      ring.complete();
      assertThat(ring.usedIndex()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 8, 16, 0, 0",
    "9, 8, 16, 0, 0",
    "6, 8, 16, 0, 0",
    "16, 8, 16, 0, 0",
    "-8, 8, 16, 0, 0",
    "8, 8, 0x1008, 0x2000, 0x3000",
    "8, 8, 0x1000, 0x2001, 0x3000",
    "8, 8, 0x1000, 0x2000, 0x3002",
    "8, 8, 0, 0, 0"
  })
  void aQueueOfImpossibleShapeIsNotActivated(
      int size, int maxSize, String descriptors, String driver, String device) throws Exception {
    try (RawRing ring = RawRing.plain()) {
      VirtqueueConfig config = new VirtqueueConfig(maxSize);
      config.size(size);
      config.addresses(
          new QueueAddresses(Long.decode(descriptors), Long.decode(driver), Long.decode(device)));
      assertThatThrownBy(
              () -> Virtqueues.splitDevice(config, ring.session, new RingFeatures(true, true)))
          .isInstanceOf(QueueConfigurationException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 64", "4096, 4096", "4096, 4100", "4096, 0", "64, 4096"})
  void ringsThatOverlapHarmNobody(int available, int used) throws Exception {
    for (int index = 1; index <= SIZE; index++) {
      try (RawRing ring = new RawRing(true, new RingFeatures(true, true), available, used)) {
        ring.descriptor(0, ring.address, 4096, NEXT, 1);
        ring.descriptor(1, ring.address, 3 * 4096, WRITE, 0);
        ring.memory.put16(available + 2, (short) index);
        for (int round = 0; round < 100; round++) {
          if (ring.poll() == PollResult.CHAINS) {
            for (int i = 0; i < ring.batch.size(); i++) {
              DescriptorChain chain = ring.batch.chain(i);
              chain.writer().zero(chain.writer().total());
              chain.complete(chain.writer().total());
            }
            ring.device.publish(ring.batch);
            ring.session.end();
          }
        }
        assertThat(ring.device.state().inFlight()).isZero();
      }
    }
  }

  @Test
  void aProducerThatNeverPausesGetsOneBatchAtATime() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ChainBatch small = new ChainBatch(3, ring.dma.memory());
      ring.descriptor(0, ring.data(), 8, 0, 0);
      for (int round = 0; round < 1000; round++) {
        while (((ring.device.state().lastAvailable() + SIZE) & 0xffff)
            != (ring.memory.loadAcquire16(RawRing.AVAILABLE + 2) & 0xffff)) {
          ring.publish(0);
        }
        ring.session.begin();
        assertThat(ring.device.poll(small)).isEqualTo(PollResult.CHAINS);
        assertThat(small.size()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
          small.chain(i).complete(0);
        }
        ring.device.publish(small);
        ring.session.end();
      }
    }
  }

  @Test
  void aBatchOfHugeChainsEndsEarly() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      int each = 0x40_0000 - DATA;
      ring.descriptor(0, ring.table(), 20 * 16, INDIRECT, 0);
      for (int i = 0; i < 20; i++) {
        ring.entry(i, ring.data(), each, i < 19 ? NEXT : 0, i + 1);
      }
      int served = 0;
      for (int i = 0; i < SIZE; i++) {
        ring.publish(0);
      }
      while (served < SIZE) {
        assertThat(ring.poll()).isEqualTo(PollResult.CHAINS);
        assertThat(ring.batch.size()).isLessThan(3);
        served += ring.batch.size();
        ring.complete();
      }
    }
  }

  @Test
  void aDescriptorChangedAfterThePollChangesNothing() throws Exception {
    try (RawRing ring = RawRing.withIndirect()) {
      ring.memory.write(DATA, new byte[] {1, 2, 3, 4}, 0, 4);
      ring.descriptor(0, ring.table(), 2 * 16, INDIRECT, 0);
      ring.entry(0, ring.data(), 4, NEXT, 1).entry(1, ring.data() + 64, 16, WRITE, 0);
      DescriptorChain chain = RawRing.serves(ring.publish(0));
      ring.memory.fill(0, RawRing.AVAILABLE, (byte) 0xff);
      ring.memory.fill(TABLE, 4096, (byte) 0xff);
      assertThat(chain.reader().get32()).isEqualTo(0x0403_0201);
      assertThat(chain.writer().total()).isEqualTo(16);
      chain.writer().zero(16);
      chain.complete(16);
      ring.device.publish(ring.batch);
      assertThat(ring.memory.get32(RawRing.USED + 4)).isZero();
      assertThat(ring.memory.get32(RawRing.USED + 8)).isEqualTo(16);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, RawRing.AVAILABLE, RawRing.USED})
  void aRingWhereTheDeviceMayNotReachIt(int area) throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, 0, 0).publish(0);
      ring.dma.protect(ring.address + area, 4096, Permission.NONE);
      assertThat(RawRing.breaks(ring, Kind.RING_TRANSLATION).dma()).isPresent();
    }
  }

  @Test
  void usedRingThatTheDeviceMayOnlyRead() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, 0, 0).publish(0);
      ring.dma.protect(ring.address + RawRing.USED, 4096, Permission.READ);
      RawRing.breaks(ring, Kind.RING_TRANSLATION);
    }
  }

  @Test
  void aRingUnmappedUnderARunningDevice() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, 0, 0).publish(0);
      RawRing.serves(ring);
      ring.complete();
      ring.publish(0);
      ring.dma.protect(ring.address + RawRing.USED, 4096, Permission.NONE);
      assertThat(ring.poll()).isEqualTo(PollResult.FAULT);
      assertThat(ring.device.fault().orElseThrow().kind()).isEqualTo(Kind.RING_TRANSLATION);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRingThatTheHostDoesNotKeepAligned(boolean scattered) throws Exception {
    try (RawRing ring = new RawRing(scattered, new RingFeatures(true, true))) {
      ring.dma.misalign();
      assertThat(ring.poll()).isEqualTo(PollResult.FAULT);
      assertThat(ring.device.fault().orElseThrow().kind()).isEqualTo(Kind.RING_TRANSLATION);
    }
  }

  @Test
  void moreTranslationsThanStayCachedTogetherAreMadeInSmallerBatches() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, 0, 0);
      for (int i = 0; i < SIZE; i++) {
        ring.publish(0);
      }
      ring.session.limit(4);
      int served = 0;
      for (int polls = 0; served < SIZE; polls++) {
        assertThat(polls).isLessThan(3 * SIZE);
        if (ring.poll() == PollResult.CHAINS) {
          served += ring.batch.size();
          ring.complete();
        }
      }
      assertThat(ring.device.fault()).isEmpty();
    }
  }

  @Test
  void goodChainsBeforeABadOneAreServedAndTheBadOneNeverIs() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, 0, 0).descriptor(1, ring.data(), 8, NEXT, 99);
      ring.publish(0).publish(0).publish(1).publish(0);
      assertThat(ring.poll()).isEqualTo(PollResult.CHAINS);
      assertThat(ring.batch.size()).isEqualTo(2);
      assertThat(ring.device.fault()).isEmpty();
      ring.complete();
      assertThat(ring.usedIndex()).isEqualTo(2);

      // Repaired too late.
      ring.descriptor(1, ring.data(), 8, 0, 0);
      assertThat(ring.poll()).isEqualTo(PollResult.FAULT);
      assertThat(ring.device.fault().orElseThrow().kind()).isEqualTo(Kind.NEXT_INDEX);
      assertThat(ring.usedIndex()).isEqualTo(2);
    }
  }

  @Test
  void aMalformedRequestBreaksTheQueueAfterTheGoodOnesAreUsed() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      ring.descriptor(0, ring.data(), 8, WRITE, 0).publish(0).publish(0).publish(0);
      assertThat(ring.poll()).isEqualTo(PollResult.CHAINS);
      ring.batch.chain(0).complete(1);
      ring.batch.chain(1).complete(1);
      ring.batch.chain(1).malformed("header of 8 bytes");
      ring.batch.chain(2).complete(2);
      ring.device.publish(ring.batch);
      ring.session.end();

      assertThat(ring.usedIndex()).isEqualTo(2);
      assertThat(ring.memory.get32(RawRing.USED + 8)).isEqualTo(1);
      assertThat(ring.memory.get32(RawRing.USED + 16)).isEqualTo(2);
      assertThat(ring.poll()).isEqualTo(PollResult.FAULT);
      QueueFault fault = ring.device.fault().orElseThrow();
      assertThat(fault.kind()).isEqualTo(Kind.MALFORMED_REQUEST);
      assertThat(fault.detail()).isEqualTo("header of 8 bytes");
    }
  }

  @Test
  void aRequestThatTheDeviceForgotBreaksTheQueue() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      RawRing.serves(ring.descriptor(0, ring.data(), 8, WRITE, 0).publish(0));
      ring.device.publish(ring.batch);
      ring.session.end();
      assertThat(ring.device.fault().orElseThrow().kind()).isEqualTo(Kind.HOST);
      assertThat(ring.usedIndex()).isZero();
    }
  }

  @Test
  void aDeviceCannotClaimToHaveWrittenMoreThanThereIs() throws Exception {
    try (RawRing ring = RawRing.plain()) {
      DescriptorChain chain =
          RawRing.serves(ring.descriptor(0, ring.data(), 8, WRITE, 0).publish(0));
      assertThatThrownBy(() -> chain.complete(9)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> chain.complete(-1)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
