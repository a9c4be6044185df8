package aperture.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.DmaRanges;
import aperture.iommu.Permission;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Rings that were good until some of their bytes changed, also while the device runs. Nothing
 * escapes, nothing loops, nothing outside the used ring and the writable elements is written.
 */
class SplitFuzzTest {

  private static final int CASES = 20_000;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Everything that a driver may write: rings and table, in the buffer's first pages. */
  private static final int[] AREAS = {0, RawRing.AVAILABLE, RawRing.USED, RawRing.TABLE};

  private static final int[] AREA_BYTES = {
    16 * RawRing.SIZE, 6 + 2 * RawRing.SIZE, 6 + 8 * RawRing.SIZE, 16 * 6
  };

  /** Of each area and what follows it, for comparisons. */
  private static final int IMAGE = 256;

  private static final int WRITABLE = RawRing.DATA + 0x10000;
  private static final int FORBIDDEN = RawRing.DATA + 0x20000;
  private static final int POLLS = 12;

  @Test
  void noBytesOfADriverDoMoreThanBreakItsQueue() throws Exception {
    long seed = System.nanoTime();
    long end = System.nanoTime() + LIMIT.toNanos();
    Map<PollResult, Integer> found = new EnumMap<>(PollResult.class);
    try (RawRing ring = new RawRing(true, new RingFeatures(true, true))) {
      ring.dma.protect(ring.address + FORBIDDEN, 4096, Permission.NONE);
      ring.dma.protect(ring.address + RawRing.DATA, 4096, Permission.READ);
      for (int number = 0; number < CASES; number++) {
        Random random = new Random(seed + number);
        try {
          oneCase(ring, random, found);
        } catch (RuntimeException | Error e) {
          throw new AssertionError("seed %d, case %d".formatted(seed, number), e);
        }
        assertThat(System.nanoTime()).as("seed %d, case %d", seed, number).isLessThan(end);
      }
    }
    assertThat(found.get(PollResult.CHAINS)).as("seed %d", seed).isGreaterThan(CASES / 10);
    assertThat(found.get(PollResult.FAULT)).as("seed %d", seed).isGreaterThan(CASES / 10);
  }

  private void oneCase(RawRing ring, Random random, Map<PollResult, Integer> found)
      throws Exception {
    good(ring);
    mutate(ring, random);
    ring.session.cached(random.nextInt(4));
    VirtqueueConfig config = new VirtqueueConfig(RawRing.SIZE);
    config.addresses(
        new QueueAddresses(
            ring.address, ring.address + RawRing.AVAILABLE, ring.address + RawRing.USED));
    DeviceQueue device =
        Virtqueues.splitDevice(
            config, ring.session, new RingFeatures(random.nextInt(8) != 0, random.nextBoolean()));
    for (int poll = 0; poll < POLLS; poll++) {
      byte[] before = image(ring);
      ring.session.begin();
      PollResult result = device.poll(ring.batch);
      found.merge(result, 1, Integer::sum);
      assertThat(image(ring)).as("a poll writes nothing").isEqualTo(before);
      if (result == PollResult.CHAINS) {
        ring.session.hold();
        assertThat(ring.batch.size()).isBetween(1, RawRing.SIZE);
        serve(ring, random);
        device.publish(ring.batch);
        assertThat(outsideUsed(image(ring)))
            .as("descriptors and available ring are the driver's")
            .isEqualTo(outsideUsed(before));
      } else if (result == PollResult.EMPTY) {
        device.enableNotifications();
      } else {
        assertThat(result).isEqualTo(PollResult.FAULT);
        assertThat(device.fault()).isPresent();
      }
      ring.session.end();
      if (random.nextInt(3) == 0) {
        mutate(ring, random);
      }
    }
    assertThat(device.state().inFlight()).isBetween(0, RawRing.SIZE);
  }

  /** Direct chains, an indirect one, one of both kinds. */
  private static void good(RawRing ring) {
    ring.memory.fill(0, RawRing.DATA, (byte) 0);
    long readable = ring.data();
    long writable = ring.address + WRITABLE;
    ring.descriptor(0, readable, 100, RawRing.NEXT, 1);
    ring.descriptor(1, writable, 5000, RawRing.NEXT | RawRing.WRITE, 2);
    ring.descriptor(2, writable + 5000, 1, RawRing.WRITE, 0);
    ring.descriptor(3, ring.table(), 3 * 16, RawRing.INDIRECT, 0);
    ring.descriptor(4, readable, 8, RawRing.NEXT, 5);
    ring.descriptor(5, ring.table() + 3 * 16, 3 * 16, RawRing.INDIRECT, 0);
    ring.descriptor(6, writable, 16, RawRing.WRITE, 0);
    for (int i = 0; i < 6; i += 3) {
      ring.entry(i, readable + 16, 16, RawRing.NEXT, 1);
      ring.entry(i + 1, writable, 4096, RawRing.NEXT | RawRing.WRITE, 2);
      ring.entry(i + 2, writable + 4096, 1, RawRing.WRITE, 0);
    }
    ring.index(0);
    ring.publish(0).publish(3).publish(4).publish(6);
  }

  private static void mutate(RawRing ring, Random random) {
    for (int i = random.nextInt(5); i > 0; i--) {
      int area = random.nextInt(AREAS.length);
      int at = AREAS[area] + random.nextInt(AREA_BYTES[area]);
      byte value =
          switch (random.nextInt(4)) {
            case 0 -> (byte) random.nextInt();
            case 1 -> (byte) (ring.memory.get8(at) ^ 1 << random.nextInt(8));
            case 2 -> (byte) random.nextInt(16);
            default -> (byte) (random.nextBoolean() ? 0 : 0xff);
          };
      ring.memory.put8(at, value);
    }
  }

  private static void serve(RawRing ring, Random random) {
    byte[] sink = new byte[256];
    for (int i = 0; i < ring.batch.size(); i++) {
      DescriptorChain chain = ring.batch.chain(i);
      inside(ring, chain.ranges(), chain.reader().total() + chain.writer().total());
      int length = (int) Math.min(sink.length, chain.reader().remaining());
      chain.reader().get(sink, 0, length);
      chain.reader().skip(Long.MAX_VALUE);
      assertThat(chain.reader().remaining()).isZero();
      if (random.nextInt(20) == 0) {
        chain.malformed("as it happens");
      } else {
        chain.complete(chain.writer().total());
      }
    }
  }

  private static void inside(RawRing ring, DmaRanges ranges, long total) {
    long sum = 0;
    for (int i = 0; i < ranges.count(); i++) {
      assertThat(ranges.length(i)).isPositive();
      assertThat(ranges.offset(i)).isNotNegative();
      assertThat(ranges.offset(i) + ranges.length(i)).isLessThanOrEqualTo(ring.dma.memory().size());
      sum += ranges.length(i);
    }
    assertThat(sum).isEqualTo(total);
  }

  private static byte[] image(RawRing ring) {
    byte[] bytes = new byte[AREAS.length * IMAGE];
    for (int i = 0; i < AREAS.length; i++) {
      ring.memory.read(AREAS[i], bytes, i * IMAGE, IMAGE);
    }
    return bytes;
  }

  private static byte[] outsideUsed(byte[] image) {
    byte[] copy = image.clone();
    Arrays.fill(copy, 2 * IMAGE, 2 * IMAGE + AREA_BYTES[2], (byte) 0);
    return copy;
  }
}
