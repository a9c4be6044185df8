package aperture.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.GuestBuffer;
import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DescriptorChain;
import aperture.virtqueue.DriverQueue;
import java.util.Arrays;
import java.util.Random;

/**
 * Random chains with random framing, each in a piece of the data buffer of its own, and the device
 * that answers them. The device sees nothing but bytes: its answer is a function of them, which the
 * driver's side knows too.
 */
final class RandomChains {

  private static final int PIECE = 16 << 10;
  private static final int PIECES = RingPair.DATA_BYTES / PIECE;
  private static final int MOST_BYTES = 3000;
  private static final int MOST_ELEMENTS = 8;
  private static final int MOST_GAP = 40;

  private final RingPair rings;
  private final Random random;
  private final ChainElements elements = new ChainElements(2 * MOST_ELEMENTS + 2);
  private final Sent[] sent;
  private final boolean[] busy = new boolean[PIECES];
  private int inFlight;

  /** One chain in flight: its bytes, and where its writable elements lie. */
  private static final class Sent {
    final int piece;
    final byte[] readable;
    final int writable;
    final int[] offsets;
    final int[] lengths;

    Sent(int piece, byte[] readable, int writable, int[] offsets, int[] lengths) {
      this.piece = piece;
      this.readable = readable;
      this.writable = writable;
      this.offsets = offsets;
      this.lengths = lengths;
    }
  }

  RandomChains(RingPair rings, Random random) {
    this.rings = rings;
    this.random = random;
    this.sent = new Sent[rings.driver().size()];
  }

  int inFlight() {
    return inFlight;
  }

  /** Adds a chain; false when there is no room for it. */
  boolean add() {
    int piece = freePiece();
    if (piece < 0) {
      return false;
    }
    elements.clear();
    int budget = Math.min(MOST_ELEMENTS, rings.driver().size());
    int readableCount = random.nextInt(budget + 1);
    int writableCount = random.nextInt(budget - readableCount + 1);
    if (readableCount + writableCount == 0) {
      writableCount = 1;
    }
    byte[] readable = new byte[random.nextInt(MOST_BYTES)];
    random.nextBytes(readable);
    int at = piece * PIECE + random.nextInt(MOST_GAP);
    if (readableCount == 0) {
      readable = new byte[0];
    }
    int[] cuts = cuts(readable.length, readableCount);
    for (int i = 0; i < readableCount; i++) {
      int length = cuts[i + 1] - cuts[i];
      rings.data().write(at, readable, cuts[i], length);
      elements.readable(rings.dataAddress() + at, length);
      at += length + random.nextInt(MOST_GAP);
    }
    int writable = writableCount == 0 ? 0 : random.nextInt(MOST_BYTES);
    int[] ends = cuts(writable, writableCount);
    int[] offsets = new int[writableCount];
    int[] lengths = new int[writableCount];
    for (int i = 0; i < writableCount; i++) {
      offsets[i] = at;
      lengths[i] = ends[i + 1] - ends[i];
      rings.data().fill(at, lengths[i], (byte) 0);
      elements.writable(rings.dataAddress() + at, lengths[i]);
      at += lengths[i] + random.nextInt(MOST_GAP);
    }
    int token = rings.driver().add(elements);
    if (token == DriverQueue.NONE) {
      return false;
    }
    assertThat(sent[token]).as("token %d names a chain in flight", token).isNull();
    sent[token] = new Sent(piece, readable, writable, offsets, lengths);
    busy[piece] = true;
    inFlight++;
    return true;
  }

  private int freePiece() {
    for (int i = 0; i < PIECES; i++) {
      if (!busy[i]) {
        return i;
      }
    }
    return -1;
  }

  /** Cuts {@code total} bytes into {@code count} pieces, some of them empty. */
  private int[] cuts(int total, int count) {
    int[] cuts = new int[count + 1];
    for (int i = 1; i < count; i++) {
      cuts[i] = random.nextInt(10) == 0 ? cuts[i - 1] : random.nextInt(total + 1);
    }
    cuts[count] = total;
    Arrays.sort(cuts);
    return cuts;
  }

  /** The device's work. */
  static void serve(DescriptorChain chain) {
    byte[] in = new byte[(int) chain.reader().total()];
    chain.reader().get(in, 0, in.length);
    assertThat(chain.reader().remaining()).isZero();
    byte[] out = answer(in, (int) chain.writer().total());
    chain.writer().put(out, 0, out.length);
    chain.complete(out.length);
  }

  private static byte[] answer(byte[] in, int room) {
    int length = in.length % 3 == 0 ? room : room / 2;
    byte[] out = new byte[length];
    for (int i = 0; i < length; i++) {
      out[i] = (byte) (in.length == 0 ? i + 1 : in[i % in.length] ^ 0x5a);
    }
    return out;
  }

  /** Takes one used chain and compares the answer; false when none is used. */
  boolean take() {
    int token = rings.driver().take();
    if (token == DriverQueue.NONE) {
      return false;
    }
    Sent chain = sent[token];
    assertThat(chain).as("token %d was in flight", token).isNotNull();
    byte[] expected = answer(chain.readable, chain.writable);
    assertThat(rings.driver().takenLength()).isEqualTo(expected.length);
    assertThat(written(chain, expected.length)).isEqualTo(expected);
    sent[token] = null;
    busy[chain.piece] = false;
    inFlight--;
    return true;
  }

  private byte[] written(Sent chain, int length) {
    byte[] bytes = new byte[length];
    GuestBuffer data = rings.data();
    int done = 0;
    for (int i = 0; i < chain.offsets.length && done < length; i++) {
      int step = Math.min(chain.lengths[i], length - done);
      data.read(chain.offsets[i], bytes, done, step);
      done += step;
    }
    return bytes;
  }
}
