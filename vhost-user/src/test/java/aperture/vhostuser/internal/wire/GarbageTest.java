package aperture.vhostuser.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.HostilePeer;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.sys.UnixSocket;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer that sends anything: each message is taken, read over, or costs the connection. */
@Timeout(300)
class GarbageTest {

  private static final int MESSAGES = 100_000;
  private static final int LONGEST_TRAIN = 3;

  /** Bytes that a train can have, in the shortest of messages. */
  private static final int LONGEST_STREAM =
      LONGEST_TRAIN * (HeaderLayout.LENGTH + HeaderLayout.MAX_PAYLOAD) / HeaderLayout.LENGTH;

  private static final long SEED = Long.getLong("garbage.seed", 20_260_101L);

  /** What happened; all of it must happen, or the garbage is not what it should be. */
  private static final class Tally {
    int taken;
    int unknown;
    int refused;
    int tooMany;
  }

  private static final Map<FrontEndRequest, List<Samples.Sample>> SAMPLES =
      Arrays.stream(FrontEndRequest.values())
          .collect(
              Collectors.toMap(Function.identity(), row -> Samples.of(row.payload(), row.fds())));

  private final Random random = new Random(SEED);
  private final Tally tally = new Tally();

  @Test
  void aHundredThousandMessagesOfGarbageLeaveNothingOpen() throws IOException {
    long before = Fd.open();
    try (Fd file = MemoryFile.create("surplus", 4096)) {
      int sent = 0;
      while (sent < MESSAGES) {
        int train = 1 + random.nextInt(LONGEST_TRAIN);
        try (UnixSocket.Pair pair = UnixSocket.pair()) {
          for (int i = 0; i < train; i++) {
            HostilePeer.send(pair.left(), frame(), Collections.nCopies(descriptors(), file));
          }
          // Whatever the headers say, what was sent is all that comes.
          pair.left().close();
          readAll(MessageReader.ofFrontEnd(pair.right()), train);
        }
        sent += train;
      }
    }
    assertThat(Fd.open()).as("seed %d", SEED).isEqualTo(before);
    assertThat(List.of(tally.taken, tally.unknown, tally.refused, tally.tooMany))
        .as("taken, unknown, refused, too many descriptors; seed %d", SEED)
        .allMatch(count -> count > MESSAGES / 200);
  }

  private void readAll(MessageReader<FrontEndRequest> reader, int train) {
    try {
      // A message cannot be two, but a header that lies can make one of the next one's bytes.
      for (int i = 0; i < LONGEST_STREAM; i++) {
        switch (reader.read()) {
          case Message<FrontEndRequest> message -> {
            tally.taken++;
            message.close();
          }
          case UnknownMessage<FrontEndRequest> _ -> tally.unknown++;
          case Disconnected<FrontEndRequest> _ -> {
            return;
          }
        }
      }
      throw new AssertionError("%d messages without an end, seed %d".formatted(train, SEED));
    } catch (ProtocolException e) {
      tally.refused++;
      assertThat(e.getMessage().lines()).as("seed %d", SEED).hasSize(1);
    } catch (IOException e) {
      tally.tooMany++;
      assertThat(e).as("seed %d", SEED).hasMessageContaining("more than 32 descriptors");
    }
  }

  private byte[] frame() {
    FrontEndRequest[] rows = FrontEndRequest.values();
    FrontEndRequest row = rows[random.nextInt(rows.length)];
    List<Samples.Sample> samples = SAMPLES.get(row);
    byte[] payload = samples.get(random.nextInt(samples.size())).payload().clone();
    int id = random.nextInt(4) == 0 ? random.nextInt(-2, 60) : row.id();
    int flags = random.nextInt(4) == 0 ? random.nextInt() : random.nextBoolean() ? 1 : 9;
    int size = payload.length;
    switch (random.nextInt(6)) {
      case 0 -> random.nextBytes(payload);
      case 1 -> size += random.nextInt(-2, 3);
      case 2 -> size = random.nextInt();
      case 3 -> {
        if (payload.length > 0) {
          payload[random.nextInt(payload.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      default -> {}
    }
    byte[] frame = Samples.frame(id, flags, size, payload);
    return random.nextInt(10) == 0 ? Arrays.copyOf(frame, 1 + random.nextInt(frame.length)) : frame;
  }

  private int descriptors() {
    return switch (random.nextInt(6)) {
      case 0, 1, 2 -> 0;
      case 3 -> 1;
      case 4 -> random.nextInt(33);
      default -> random.nextInt(253);
    };
  }
}
