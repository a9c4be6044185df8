package aperture.vhostuser.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.vhostuser.internal.sys.Receiver;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.ConfigMessage;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.IotlbMessage;
import aperture.vhostuser.internal.wire.ProtocolFeature;
import aperture.vhostuser.internal.wire.ProtocolFeatures;
import aperture.vhostuser.testkit.FrontEndMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectionRulesTest {

  private static final int HEADER = 12;

  private SessionRig rig;

  @BeforeEach
  void open() throws Exception {
    rig = new SessionRig(true);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private long acknowledged(FrontEndRequest request, long number) throws IOException {
    return rig.link.acknowledged(request, SessionRig.number(number));
  }

  private static byte[] iotlb(IotlbMessage.Type type, long iova, long size, long user) {
    return new IotlbMessage(type, iova, size, user, 3).encode();
  }

  @ParameterizedTest
  @EnumSource(FrontEndRequest.class)
  void exactlyTheMessagesThatAreServedHaveAHandler(FrontEndRequest request) {
    assertThat(rig.session.handles(request)).isEqualTo(request.served());
  }

  @Test
  void featuresThatWereNotOfferedAreRefused() throws Exception {
    rig.agree();
    assertThat(acknowledged(FrontEndRequest.SET_FEATURES, SessionRig.PLAIN | 1L << 60)).isNotZero();
    assertThat(rig.log()).contains("features").contains("60").contains("not offered");
    assertThat(acknowledged(FrontEndRequest.SET_FEATURES, SessionRig.PLAIN)).isZero();
  }

  /**
   * What a front end makes of its IOMMU, the device's setting there and the offer here: QEMU's word
   * for each is among the measured rows of the sheet.
   */
  @ParameterizedTest(name = "T11: {0}")
  @CsvSource({
    "'no IOMMU, setting off',             true,  false, true",
    "'no IOMMU, setting on: bit removed', true,  false, true",
    "'IOMMU, setting off',                true,  false, true",
    "'IOMMU, setting on',                 true,  true,  true",
    "'no IOMMU, nothing offered',         false, false, true",
    "'IOMMU, forced without an offer',    false, true,  false"
  })
  void t11FeaturesAreTakenAsTheFrontEndSetsThemUnlessTheyWereNotOffered(
      String front, boolean offered, boolean set, boolean taken) throws Exception {
    try (SessionRig one = new SessionRig(offered)) {
      one.agree();
      long features = SessionRig.PLAIN | (set ? SessionRig.PLATFORM : 0);
      long answer =
          one.link.acknowledged(FrontEndRequest.SET_FEATURES, SessionRig.number(features));
      assertThat(answer == 0).as(front).isEqualTo(taken);
    }
  }

  @Test
  void c2WithoutTheOfferTheBitIsNotAmongTheFeatures() throws Exception {
    try (SessionRig without = new SessionRig(false)) {
      long offered = without.link.number(FrontEndRequest.GET_FEATURES);
      assertThat(offered & SessionRig.PLATFORM).isZero();
    }
    long offered = rig.link.number(FrontEndRequest.GET_FEATURES);
    assertThat(offered & SessionRig.PLATFORM).isNotZero();
  }

  @Test
  void c3AnAckOfWhatWasNotOfferedIsRefusedAndNamesItsCure() throws Exception {
    try (SessionRig without = new SessionRig(false)) {
      without.agree();
      assertThat(
              without.link.acknowledged(
                  FrontEndRequest.SET_FEATURES,
                  SessionRig.number(SessionRig.PLAIN | SessionRig.PLATFORM)))
          .isNotZero();
      assertThat(without.log()).contains("iommu_platform=on").contains("--access-platform on");
    }
  }

  @Test
  void c6AccessPlatformNeedsAWayToAsk() throws Exception {
    rig.link.tell(
        FrontEndRequest.SET_PROTOCOL_FEATURES,
        SessionRig.number(ProtocolFeatures.of(ProtocolFeature.REPLY_ACK).bits()));
    assertThat(acknowledged(FrontEndRequest.SET_FEATURES, SessionRig.PLAIN | SessionRig.PLATFORM))
        .isNotZero();
    assertThat(rig.log()).contains("BACKEND_REQ").contains("--access-platform off");
  }

  @Test
  void aDriverOfTheLegacyInterfaceIsRefusedWithACure() throws Exception {
    rig.agree();
    assertThat(acknowledged(FrontEndRequest.SET_FEATURES, SessionRig.GATE)).isNotZero();
    assertThat(rig.log()).contains("VERSION_1").contains("disable-legacy=on");
    assertThat(acknowledged(FrontEndRequest.SET_FEATURES, SessionRig.GATE | SessionRig.PLATFORM))
        .isNotZero();
  }

  @Test
  void protocolFeaturesThatWereNotOfferedAreRefused() throws Exception {
    rig.agree();
    long beyond = ProtocolFeatures.OFFERED.bits() | ProtocolFeature.PAGEFAULT.mask();
    assertThat(acknowledged(FrontEndRequest.SET_PROTOCOL_FEATURES, beyond)).isNotZero();
  }

  @Test
  void aMessageWhoseProtocolFeatureWasNotAgreedIsRefused() throws Exception {
    rig.link.tell(
        FrontEndRequest.SET_PROTOCOL_FEATURES,
        SessionRig.number(ProtocolFeatures.of(ProtocolFeature.REPLY_ACK).bits()));
    assertThat(acknowledged(FrontEndRequest.SET_STATUS, 1)).isNotZero();
    assertThat(rig.log()).contains("STATUS needs [STATUS]");
    assertThatThrownBy(() -> rig.link.number(FrontEndRequest.GET_QUEUE_NUM))
        .isInstanceOf(IOException.class);
    rig.ended();
  }

  @Test
  void translationsNeedAccessPlatform() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    byte[] update = iotlb(IotlbMessage.Type.UPDATE, 0, 4096, FrontEndMemory.USER_BASE);
    assertThat(rig.link.acknowledged(FrontEndRequest.IOTLB_MSG, update)).isNotZero();
    assertThat(rig.log()).contains("needs ACCESS_PLATFORM");
  }

  @Test
  void translationsOutsideMemoryAreRefusedAndNotKept() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN | SessionRig.PLATFORM);
    long user = FrontEndMemory.USER_BASE;
    long size = rig.memory.regionMessage().size();
    List<byte[]> wrong =
        List.of(
            iotlb(IotlbMessage.Type.UPDATE, 0, 4096, user - 4096),
            iotlb(IotlbMessage.Type.UPDATE, 0, 4096, user + size - 2048),
            iotlb(IotlbMessage.Type.UPDATE, 0, 0, user),
            iotlb(IotlbMessage.Type.UPDATE, 0, -1, user),
            iotlb(IotlbMessage.Type.UPDATE, -2048, 4096, user),
            iotlb(IotlbMessage.Type.INVALIDATE, 0, 0, 0),
            iotlb(IotlbMessage.Type.MISS, 0, 0, 0),
            iotlb(IotlbMessage.Type.ACCESS_FAIL, 0, 0, 0));
    for (byte[] message : wrong) {
      assertThat(rig.link.acknowledged(FrontEndRequest.IOTLB_MSG, message))
          .as(Arrays.toString(message))
          .isNotZero();
    }
    assertThat(rig.session.iotlb().entries()).isZero();
    rig.link.must(FrontEndRequest.IOTLB_MSG, iotlb(IotlbMessage.Type.UPDATE, -4096, 4096, user));
    assertThat(rig.session.iotlb().entries()).isEqualTo(1);
    rig.link.must(FrontEndRequest.IOTLB_MSG, iotlb(IotlbMessage.Type.INVALIDATE, 0, -1, 0));
    assertThat(rig.session.iotlb().entries()).isZero();
  }

  @Test
  void configurationBeyondTheEndIsAnsweredWithoutBytes() throws Exception {
    rig.agree();
    for (long offset : new long[] {CountedDevice.CONFIG - 7, CountedDevice.CONFIG, 0xffff_ffffL}) {
      ByteBuffer answer =
          rig.link.ask(
              FrontEndRequest.GET_CONFIG, new ConfigMessage(offset, 0, new byte[8]).encode());
      assertThat(ConfigMessage.decode(answer).bytes()).as("at %d", offset).isEmpty();
    }
    byte[] last = new ConfigMessage(CountedDevice.CONFIG - 2, 0, new byte[] {7, 8}).encode();
    rig.link.must(FrontEndRequest.SET_CONFIG, last);
    ByteBuffer answer = rig.link.ask(FrontEndRequest.GET_CONFIG, last);
    assertThat(ConfigMessage.decode(answer).bytes()).containsExactly(7, 8);
    assertThat(
            rig.link.acknowledged(
                FrontEndRequest.SET_CONFIG,
                new ConfigMessage(CountedDevice.CONFIG - 1, 0, new byte[2]).encode()))
        .isNotZero();
  }

  @Test
  void theStatusIsKeptAndNothingFollowsFromIt() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    rig.link.must(FrontEndRequest.SET_STATUS, SessionRig.number(0xf));
    assertThat(rig.link.number(FrontEndRequest.GET_STATUS)).isEqualTo(0xf);
    assertThat(acknowledged(FrontEndRequest.SET_STATUS, 256)).isNotZero();
    assertThat(acknowledged(FrontEndRequest.SET_STATUS, -1)).isNotZero();
    rig.link.must(FrontEndRequest.SET_STATUS, SessionRig.number(0));
    assertThat(rig.link.number(FrontEndRequest.GET_STATUS)).isZero();
    assertThat(rig.engine.running(0)).as("indices are not lost").isTrue();
  }

  /** A message that no row describes. */
  private byte[] unknown(int flags) throws IOException {
    rig.socket.send(
        ByteBuffer.allocate(HEADER)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(200)
            .putInt(flags)
            .array(),
        List.of());
    Receiver receiver = rig.socket.receiver(HEADER + Long.BYTES);
    int got = 0;
    while (got < HEADER + Long.BYTES) {
      int more = receiver.receive(got, HEADER + Long.BYTES - got, new ArrayList<>());
      if (more <= 0) {
        break;
      }
      got += more;
    }
    return receiver.bytes(0, got);
  }

  @Test
  void anUnknownMessageThatAsksIsAnsweredWithARefusal() throws Exception {
    rig.agree();
    ByteBuffer answer = ByteBuffer.wrap(unknown(0x9)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(answer.capacity()).isEqualTo(HEADER + Long.BYTES);
    assertThat(answer.getInt(0)).isEqualTo(200);
    assertThat(answer.getInt(4)).isEqualTo(5);
    assertThat(answer.getLong(HEADER)).isNotZero();
    assertThat(rig.link.number(FrontEndRequest.GET_QUEUE_NUM)).isEqualTo(CountedDevice.QUEUES);
  }

  @Test
  void anUnknownMessageThatDoesNotAskEndsTheConnection() throws Exception {
    rig.agree();
    assertThat(unknown(0x1)).isEmpty();
    rig.ended();
    assertThat(rig.log()).contains("message 200 is not known");
  }

  @Test
  void anotherSocketForQuestionsClosesTheOneBefore() throws Exception {
    rig.agree();
    try (UnixSocket.Pair first = UnixSocket.pair();
        UnixSocket.Pair second = UnixSocket.pair()) {
      rig.link.must(FrontEndRequest.SET_BACKEND_REQ_FD, SessionRig.NOTHING, first.right().fd());
      first.right().close();
      rig.link.must(FrontEndRequest.SET_BACKEND_REQ_FD, SessionRig.NOTHING, second.right().fd());
      assertThat(first.left().receiver(1).receive(0, 1, new ArrayList<>())).isLessThanOrEqualTo(0);
      assertThat(rig.link.number(FrontEndRequest.GET_QUEUE_NUM)).isEqualTo(CountedDevice.QUEUES);
    }
  }
}
