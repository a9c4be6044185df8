package aperture.vhostuser.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.vhostuser.internal.wire.ProtocolException.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that no row allows, and answers to nothing. */
@Timeout(20)
class MalformedMessageTest {

  private static final byte[] NOTHING = new byte[0];
  private static final int GET_FEATURES = FrontEndRequest.GET_FEATURES.id();

  private Wire wire;
  private MessageReader<FrontEndRequest> reader;

  @BeforeEach
  void connect() throws IOException {
    wire = new Wire();
    reader = MessageReader.ofFrontEnd(wire.own());
  }

  @AfterEach
  void nothingLeaks() {
    wire.close();
  }

  private void send(byte[] bytes, int fds) throws IOException {
    wire.peer().send(bytes, wire.files(fds));
  }

  private void assertRefused(Fault fault, String words) {
    assertThatThrownBy(() -> reader.read())
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.fault()).isEqualTo(fault))
        .hasMessage(words);
    assertThat(wire.strays()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 3, 0x10, 0xfffffffe})
  void anotherVersionIsRefused(int flags) throws IOException {
    send(Samples.frame(GET_FEATURES, flags, NOTHING), 2);
    assertRefused(Fault.VERSION, "message 1: version %d instead of 1".formatted(flags & 3));
  }

  @Test
  void aRequestMarkedAsAReplyIsRefused() throws IOException {
    send(Samples.frame(GET_FEATURES, 5, NOTHING), 2);
    assertRefused(Fault.FLAGS, "message 1: a request that is marked as a reply");
  }

  @ParameterizedTest
  @ValueSource(ints = {4097, 1 << 20, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
  void aSizeThatNoMessageHasIsRefusedEvenOfAnUnknownOne(int size) throws IOException {
    send(Samples.frame(9999, 1, size, NOTHING), 2);
    assertRefused(
        Fault.SIZE,
        "message 9999: %s bytes, more than any message has"
            .formatted(Integer.toUnsignedString(size)));
  }

  @Test
  void descriptorsInTheMiddleOfAMessageAreRefused() throws IOException {
    byte[] frame = Samples.frame(FrontEndRequest.SET_LOG_BASE.id(), 1, new byte[16]);
    send(Arrays.copyOf(frame, 12), 0);
    send(Arrays.copyOfRange(frame, 12, frame.length), 1);
    assertRefused(Fault.DESCRIPTORS, "message 6: descriptors behind its first byte");
  }

  @Test
  void aMessageThatArrivesByteByByteIsWhole() throws IOException {
    byte[] frame = Samples.frame(FrontEndRequest.ADD_MEM_REG.id(), 9, new byte[40]);
    for (int i = 0; i < frame.length; i++) {
      send(new byte[] {frame[i]}, i == 0 ? 1 : 0);
    }
    try (Message<?> message = (Message<?>) reader.read()) {
      assertThat(message).hasToString("ADD_MEM_REG (40 bytes, 1 descriptors, asks for reply)");
    }
  }

  @Test
  void anUnknownMessageIsReadOverAndItsDescriptorsAreClosed() throws IOException {
    send(Samples.frame(4711, 9, new byte[4096]), 3);
    send(Samples.frame(0, 1, NOTHING), 0);
    send(Samples.frame(GET_FEATURES, 1, NOTHING), 0);

    assertThat(reader.read()).isEqualTo(new UnknownMessage<>(4711, true));
    assertThat(wire.strays()).isZero();
    assertThat(reader.read()).isEqualTo(new UnknownMessage<>(0, false));
    assertThat(reader.read()).isInstanceOf(Message.class);
  }

  @Test
  void anUnknownMessageIsAnsweredWithAFailure() throws IOException {
    new MessageWriter(wire.own()).refuse(new UnknownMessage<>(4711, true));
    var receiver = wire.peer().receiver(64);
    assertThat(receiver.receive(0, 64, new ArrayList<>())).isEqualTo(20);
    assertThat(receiver.bytes(0, 20)).isEqualTo(Samples.frame(4711, 5, Bytes.ofLong(1)));
  }

  @Test
  void anEndBetweenTwoMessagesIsNoFault() throws IOException {
    send(Samples.frame(GET_FEATURES, 1, NOTHING), 0);
    wire.peer().close();
    assertThat(reader.read()).isInstanceOf(Message.class);
    assertThat(reader.read()).isEqualTo(new Disconnected<>());
    assertThat(reader.read()).isEqualTo(new Disconnected<>());
  }

  @Test
  void aPeerThatLeavesAnswersUnreadIsOneThatLeft() throws IOException {
    new MessageWriter(wire.own()).reply(FrontEndRequest.GET_FEATURES, 1);
    wire.peer().close();
    assertThat(reader.read()).isEqualTo(new Disconnected<>());
  }

  @Test
  void aTableThatSaysMoreOrFewerRegionsThanItHasIsRefused() throws IOException {
    for (int count : new int[] {0, 2, 33, -1, Integer.MIN_VALUE}) {
      byte[] table = new MemoryTable(List.of(new RegionMessage(1, 2, 3, 4))).encode();
      Bytes.wrap(table).putInt(0, count);
      send(Samples.frame(FrontEndRequest.SET_MEM_TABLE.id(), 1, table), 1);
      assertRefused(
          Fault.CONTENT,
          "SET_MEM_TABLE: %s regions in 40 bytes of memory table"
              .formatted(Integer.toUnsignedString(count)));
    }
  }

  @Test
  void configurationOfAnotherSizeThanItSaysIsRefused() throws IOException {
    for (int size : new int[] {0, 56, 58, -1}) {
      byte[] config = new ConfigMessage(0, 0, new byte[57]).encode();
      Bytes.wrap(config).putInt(4, size);
      send(Samples.frame(FrontEndRequest.GET_CONFIG.id(), 1, config), 0);
      assertRefused(
          Fault.CONTENT,
          "GET_CONFIG: %s bytes of configuration in a payload of 69"
              .formatted(Integer.toUnsignedString(size)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3 0", "3 5", "3 -1", "4 2", "-1 2", "127 1"})
  void anIotlbMessageOfNoKindIsRefused(String permissionAndType) throws IOException {
    String[] words = permissionAndType.split(" ", 2);
    byte[] payload = IotlbMessage.miss(0, 1).encode();
    payload[24] = Byte.parseByte(words[0]);
    payload[25] = Byte.parseByte(words[1]);
    send(Samples.frame(FrontEndRequest.IOTLB_MSG.id(), 9, payload), 0);
    assertRefused(
        Fault.CONTENT,
        "IOTLB_MSG: IOTLB message of type %s with permission %s".formatted(words[1], words[0]));
  }

  @Test
  void aQueuesDescriptorIsThereIfAndOnlyIfTheMessageSaysSo() throws IOException {
    send(Samples.frame(13, 1, new VringFile(3, true).encode()), 0);
    assertRefused(
        Fault.DESCRIPTORS, "SET_VRING_CALL: queue 3: 0 descriptors, and the message says one");
    send(Samples.frame(13, 1, new VringFile(3, false).encode()), 1);
    assertRefused(
        Fault.DESCRIPTORS, "SET_VRING_CALL: queue 3: 1 descriptors, and the message says none");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9, 0xd, 4, 7, 0x105})
  void anAnswerWithAnyOtherFlagsIsRefused(int flags) throws IOException {
    send(Samples.frame(GET_FEATURES, flags, Bytes.ofLong(1)), 0);
    assertThatThrownBy(() -> new ReplyReader(wire.own()).read(FrontEndRequest.GET_FEATURES))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining((flags & 3) == 1 ? "flags 0x" : "version");
  }

  @Test
  void anAnswerToSomethingElseIsRefused() throws IOException {
    send(Samples.frame(2, 5, Bytes.ofLong(1)), 1);
    assertThatThrownBy(() -> new ReplyReader(wire.own()).read(FrontEndRequest.GET_FEATURES))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("message 2 instead of an answer to GET_FEATURES");
  }

  @Test
  void anAnswerOfAnotherSizeOrWithDescriptorsIsRefused() throws IOException {
    send(Samples.frame(GET_FEATURES, 5, new byte[4]), 0);
    assertThatThrownBy(() -> new ReplyReader(wire.own()).read(FrontEndRequest.GET_FEATURES))
        .hasMessage("answer to GET_FEATURES: 4 bytes");
    wire.close();
    connectAgain();
    send(Samples.frame(GET_FEATURES, 5, Bytes.ofLong(4)), 1);
    assertThatThrownBy(() -> new ReplyReader(wire.own()).read(FrontEndRequest.GET_FEATURES))
        .hasMessage("answer to GET_FEATURES: 1 descriptors instead of 0");
  }

  private void connectAgain() throws IOException {
    wire = new Wire();
  }

  @Test
  void theWriterSendsNothingThatItsTableForbids() {
    MessageWriter writer = new MessageWriter(wire.own());
    assertThatThrownBy(() -> writer.request(FrontEndRequest.GET_FEATURES, new byte[1], false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.request(FrontEndRequest.SET_LOG_FD, NOTHING, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.reply(FrontEndRequest.SET_OWNER, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.acknowledge(FrontEndRequest.GET_FEATURES, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
