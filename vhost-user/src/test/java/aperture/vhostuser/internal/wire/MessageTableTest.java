package aperture.vhostuser.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.HostilePeer;
import aperture.vhostuser.internal.wire.ProtocolException.Fault;
import aperture.vhostuser.internal.wire.Samples.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row: what it allows passes unchanged, and what lies one beside it is refused. */
@Timeout(60)
class MessageTableTest {

  static Stream<Request> rows() {
    return Stream.concat(
        Arrays.stream(FrontEndRequest.values()), Arrays.stream(BackEndRequest.values()));
  }

  static Stream<Request> rowsWithAnswer() {
    return rows().filter(row -> row.replyRule() == ReplyRule.BODY);
  }

  /** The reader for a row's table. */
  private static MessageReader<? extends Request> reader(Request row, Wire wire) {
    return row instanceof FrontEndRequest
        ? MessageReader.ofFrontEnd(wire.own())
        : MessageReader.ofBackEnd(wire.own());
  }

  private static void assertRefused(Wire wire, Request row, Fault fault) {
    assertThatThrownBy(() -> reader(row, wire).read())
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.fault()).isEqualTo(fault))
        .hasMessageContaining(row.name());
    assertThat(wire.strays()).isZero();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void whatARowAllowsArrivesAsItWasSent(Request row) throws IOException {
    try (Wire wire = new Wire()) {
      MessageWriter writer = new MessageWriter(wire.peer());
      MessageReader<? extends Request> reader = reader(row, wire);
      for (Sample sample : Samples.of(row.payload(), row.fds())) {
        for (boolean asks : new boolean[] {false, true}) {
          writer.request(row, sample.payload(), asks, wire.fileArray(sample.fds()));

          try (Message<?> message = (Message<?>) reader.read()) {
            assertThat(message.request()).isEqualTo(row);
            assertThat(message.asksForReply()).isEqualTo(asks);
            byte[] payload = new byte[message.payload().remaining()];
            message.payload().duplicate().get(payload);
            assertThat(payload).isEqualTo(sample.payload());
            assertThat(message.fds()).isEqualTo(sample.fds());
            if (sample.fds() > 0) {
              try (Fd first = message.takeFd()) {
                assertThat(first.size()).isEqualTo(4096);
              }
            }
          }
          assertThat(wire.strays()).isZero();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aSizeOffByOneIsRefusedBeforeThePayloadIsWaitedFor(Request row) throws IOException {
    for (Sample sample : Samples.of(row.payload(), row.fds())) {
      for (int size : new int[] {sample.payload().length - 1, sample.payload().length + 1}) {
        if (row.payload().takes(size) || size < 0 || size > HeaderLayout.MAX_PAYLOAD) {
          continue;
        }
        try (Wire wire = new Wire()) {
          byte[] header = Samples.frame(row.id(), HeaderLayout.VERSION, size, new byte[0]);
          wire.peer().send(header, wire.files(sample.fds()));
          assertRefused(wire, row, Fault.SIZE);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void anyOtherNumberOfDescriptorsIsRefusedAndAllAreClosed(Request row) throws IOException {
    for (Sample sample : Samples.of(row.payload(), row.fds())) {
      for (int fds : new int[] {0, sample.fds() - 1, sample.fds() + 1, 32}) {
        if (fds < 0 || fds > 32 || agrees(row, sample, fds)) {
          continue;
        }
        try (Wire wire = new Wire()) {
          byte[] frame = Samples.frame(row.id(), HeaderLayout.VERSION, sample.payload());
          wire.peer().send(frame, wire.files(fds));
          assertRefused(wire, row, Fault.DESCRIPTORS);
        }
      }
    }
  }

  private static boolean agrees(Request row, Sample sample, int fds) {
    try {
      row.payload().check(Bytes.wrap(sample.payload()), fds);
      return row.fds().takes(fds);
    } catch (ProtocolException e) {
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void moreDescriptorsThanTheReaderHasRoomForAreRefused(Request row) throws IOException {
    Sample sample = Samples.of(row.payload(), row.fds()).getFirst();
    try (Wire wire = new Wire()) {
      byte[] frame = Samples.frame(row.id(), HeaderLayout.VERSION, sample.payload());
      HostilePeer.send(wire.peer(), frame, wire.files(100));
      assertThatThrownBy(() -> reader(row, wire).read())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("more than 32 descriptors");
      assertThat(wire.strays()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void anEndAtAnyByteLosesNothingButTheConnection(Request row) throws IOException {
    for (Sample sample : Samples.of(row.payload(), row.fds())) {
      byte[] frame = Samples.frame(row.id(), HeaderLayout.VERSION, sample.payload());
      int step = Math.max(1, frame.length / 64);
      for (int end = 1; end < frame.length; end += step) {
        try (Wire wire = new Wire()) {
          wire.peer().send(Arrays.copyOf(frame, end), wire.files(sample.fds()));
          wire.peer().close();
          assertThatThrownBy(() -> reader(row, wire).read())
              .isInstanceOfSatisfying(
                  ProtocolException.class, e -> assertThat(e.fault()).isEqualTo(Fault.CUT_OFF));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rowsWithAnswer")
  void anAnswerArrivesAsItWasSent(Request row) throws IOException {
    try (Wire wire = new Wire()) {
      MessageWriter writer = new MessageWriter(wire.peer());
      ReplyReader reader = new ReplyReader(wire.own());
      for (Sample sample : Samples.of(row.replyPayload(), row.replyFds())) {
        writer.reply(row, sample.payload(), wire.fileArray(sample.fds()));

        try (Reply reply = reader.read(row)) {
          assertThat(reply.payload().array()).isEqualTo(sample.payload());
          assertThat(reply.fds()).hasSize(sample.fds());
        }
        assertThat(wire.strays()).isZero();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void anAnswerCarriesExactlyTheFlagsOfOne(Request row) throws IOException {
    try (Wire wire = new Wire()) {
      MessageWriter writer = new MessageWriter(wire.peer());
      if (row.replyRule() == ReplyRule.BODY) {
        Sample sample = Samples.of(row.replyPayload(), row.replyFds()).getFirst();
        writer.reply(row, sample.payload(), wire.fileArray(sample.fds()));
      } else {
        writer.acknowledge(row, 0);
      }
      var receiver = wire.own().receiver(HeaderLayout.LENGTH);
      var fds = new ArrayList<Fd>();
      assertThat(receiver.receive(0, HeaderLayout.LENGTH, fds)).isEqualTo(HeaderLayout.LENGTH);
      fds.forEach(Fd::close);
      var header = Bytes.wrap(receiver.bytes(0, HeaderLayout.LENGTH));
      assertThat(header.getInt(0)).isEqualTo(row.id());
      assertThat(header.getInt(4)).isEqualTo(0x5);
    }
  }

  @Test
  void numbersAreUniqueAndFoundAgain() {
    Set<Integer> front = new HashSet<>();
    for (FrontEndRequest row : FrontEndRequest.values()) {
      assertThat(front.add(row.id())).as(row.name()).isTrue();
      assertThat(FrontEndRequest.of(row.id())).contains(row);
    }
    Set<Integer> back = new HashSet<>();
    for (BackEndRequest row : BackEndRequest.values()) {
      assertThat(back.add(row.id())).as(row.name()).isTrue();
      assertThat(BackEndRequest.of(row.id())).contains(row);
    }
    assertThat(FrontEndRequest.of(0)).isEmpty();
    assertThat(FrontEndRequest.of(-1)).isEmpty();
    assertThat(BackEndRequest.of(99)).isEmpty();
  }

  @Test
  void sizesAreThoseOfTheProtocol() {
    assertThat(Arrays.stream(Payload.values()).filter(kind -> kind.min() == kind.max()))
        .extracting(Payload::name, Payload::min)
        .containsExactlyInAnyOrder(
            tuple("NONE", 0),
            tuple("U64", 8),
            tuple("VRING_STATE", 8),
            tuple("VRING_ADDRESS", 40),
            tuple("VRING_FILE", 8),
            tuple("VRING_AREA", 24),
            tuple("SINGLE_REGION", 40),
            tuple("LOG", 16),
            tuple("IOTLB", 32),
            tuple("DEVICE_STATE", 8),
            tuple("UUID", 16));
    assertThat(Payload.INFLIGHT.takes(20)).isTrue();
    assertThat(Payload.INFLIGHT.takes(22)).isFalse();
    assertThat(Payload.INFLIGHT.takes(24)).isTrue();
    assertThat(Payload.MEMORY_TABLE.takes(8 + 8 * 32)).isTrue();
    assertThat(Payload.MEMORY_TABLE.takes(9)).isFalse();
    assertThat(Payload.CONFIG.takes(69)).as("a block device's").isTrue();
  }

  @Test
  void protocolFeaturesHaveTheirBitsAndTheOfferIsWhatIsImplemented() {
    assertThat(ProtocolFeature.values())
        .extracting(ProtocolFeature::bit)
        .containsExactlyElementsOf(IntStream.rangeClosed(0, 22).boxed().toList());
    assertThat(ProtocolFeatures.OFFERED.bits()).isEqualTo(0x1b22bL);
    assertThat(ProtocolFeatures.OFFERED.named())
        .containsExactly(
            ProtocolFeature.MQ,
            ProtocolFeature.LOG_SHMFD,
            ProtocolFeature.REPLY_ACK,
            ProtocolFeature.BACKEND_REQ,
            ProtocolFeature.CONFIG,
            ProtocolFeature.INFLIGHT_SHMFD,
            ProtocolFeature.RESET_DEVICE,
            ProtocolFeature.CONFIGURE_MEM_SLOTS,
            ProtocolFeature.STATUS);
    assertThat(new ProtocolFeatures(0x1ffff).beyond(ProtocolFeatures.OFFERED)).isEqualTo(0x4dd4L);
  }

  @Test
  void whoWaitsForAnAcknowledgementIsDecidedByRowFlagAndAgreement() {
    ProtocolFeatures ack = ProtocolFeatures.of(ProtocolFeature.REPLY_ACK);
    ProtocolFeatures log = ProtocolFeatures.of(ProtocolFeature.LOG_SHMFD);
    assertThat(ReplyRule.IF_ASKED.acknowledged(true, ack)).isTrue();
    assertThat(ReplyRule.IF_ASKED.acknowledged(false, ack)).isFalse();
    assertThat(ReplyRule.IF_ASKED.acknowledged(true, log)).isFalse();
    assertThat(ReplyRule.BODY.acknowledged(true, ack)).as("never two answers").isFalse();
    assertThat(ReplyRule.LOG.acknowledged(false, log)).isTrue();
    assertThat(ReplyRule.LOG.acknowledged(false, ack)).isFalse();
    assertThat(ReplyRule.LOG.acknowledged(true, ack)).isTrue();
  }
}
