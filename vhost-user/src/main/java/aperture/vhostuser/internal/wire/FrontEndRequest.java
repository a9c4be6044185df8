package aperture.vhostuser.internal.wire;

import static aperture.vhostuser.internal.wire.Row.row;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a front end asks of a back end: a row for each message.
 *
 * <p>Vhost-user Protocol, section "Front-end message types".
 */
public enum FrontEndRequest implements Request {
  GET_FEATURES(row(1, Payload.NONE).answers(Payload.U64)),
  SET_FEATURES(row(2, Payload.U64)),
  SET_OWNER(row(3, Payload.NONE)),
  RESET_OWNER(row(4, Payload.NONE)),
  SET_MEM_TABLE(row(5, Payload.MEMORY_TABLE).fds(new Fds(0, RegionLayout.MAX_REGIONS))),
  SET_LOG_BASE(row(6, Payload.LOG).fds(Fds.ONE).log().needs(ProtocolFeature.LOG_SHMFD)),
  SET_LOG_FD(row(7, Payload.NONE).fds(Fds.ONE)),
  SET_VRING_NUM(row(8, Payload.VRING_STATE)),
  SET_VRING_ADDR(row(9, Payload.VRING_ADDRESS)),
  SET_VRING_BASE(row(10, Payload.VRING_STATE)),
  GET_VRING_BASE(row(11, Payload.VRING_STATE).answers(Payload.VRING_STATE)),
  SET_VRING_KICK(row(12, Payload.VRING_FILE).fds(Fds.MAYBE)),
  SET_VRING_CALL(row(13, Payload.VRING_FILE).fds(Fds.MAYBE)),
  SET_VRING_ERR(row(14, Payload.VRING_FILE).fds(Fds.MAYBE)),
  GET_PROTOCOL_FEATURES(
      row(15, Payload.NONE).answers(Payload.U64).gate(GateFeature.PROTOCOL_FEATURES)),
  SET_PROTOCOL_FEATURES(row(16, Payload.U64).gate(GateFeature.PROTOCOL_FEATURES)),
  GET_QUEUE_NUM(row(17, Payload.NONE).answers(Payload.U64).needs(ProtocolFeature.MQ)),
  SET_VRING_ENABLE(row(18, Payload.VRING_STATE).gate(GateFeature.PROTOCOL_FEATURES)),
  SEND_RARP(row(19, Payload.U64).needs(ProtocolFeature.RARP)),
  NET_SET_MTU(row(20, Payload.U64).needs(ProtocolFeature.NET_MTU)),
  SET_BACKEND_REQ_FD(row(21, Payload.NONE).fds(Fds.ONE).needs(ProtocolFeature.BACKEND_REQ)),
  IOTLB_MSG(row(22, Payload.IOTLB).gate(GateFeature.ACCESS_PLATFORM)),
  SET_VRING_ENDIAN(row(23, Payload.VRING_STATE).needs(ProtocolFeature.CROSS_ENDIAN)),
  GET_CONFIG(row(24, Payload.CONFIG).answers(Payload.CONFIG).needs(ProtocolFeature.CONFIG)),
  SET_CONFIG(row(25, Payload.CONFIG).needs(ProtocolFeature.CONFIG)),
  CREATE_CRYPTO_SESSION(
      row(26, Payload.OPAQUE).answers(Payload.OPAQUE).needs(ProtocolFeature.CRYPTO_SESSION)),
  CLOSE_CRYPTO_SESSION(row(27, Payload.U64).needs(ProtocolFeature.CRYPTO_SESSION)),
  POSTCOPY_ADVISE(
      row(28, Payload.NONE).answers(Payload.NONE).with(Fds.ONE).needs(ProtocolFeature.PAGEFAULT)),
  POSTCOPY_LISTEN(row(29, Payload.NONE).needs(ProtocolFeature.PAGEFAULT)),
  POSTCOPY_END(row(30, Payload.NONE).answers(Payload.U64).needs(ProtocolFeature.PAGEFAULT)),
  GET_INFLIGHT_FD(
      row(31, Payload.INFLIGHT)
          .answers(Payload.INFLIGHT)
          .with(Fds.MAYBE)
          .needs(ProtocolFeature.INFLIGHT_SHMFD)),
  SET_INFLIGHT_FD(row(32, Payload.INFLIGHT).fds(Fds.ONE).needs(ProtocolFeature.INFLIGHT_SHMFD)),
  GPU_SET_SOCKET(row(33, Payload.NONE).fds(Fds.ONE)),
  RESET_DEVICE(row(34, Payload.NONE).needs(ProtocolFeature.RESET_DEVICE)),
  VRING_KICK(row(35, Payload.VRING_STATE).needs(ProtocolFeature.INBAND_NOTIFICATIONS)),
  GET_MAX_MEM_SLOTS(
      row(36, Payload.NONE).answers(Payload.U64).needs(ProtocolFeature.CONFIGURE_MEM_SLOTS)),
  ADD_MEM_REG(
      row(37, Payload.SINGLE_REGION).fds(Fds.ONE).needs(ProtocolFeature.CONFIGURE_MEM_SLOTS)),
  REM_MEM_REG(
      row(38, Payload.SINGLE_REGION).fds(Fds.MAYBE).needs(ProtocolFeature.CONFIGURE_MEM_SLOTS)),
  SET_STATUS(row(39, Payload.U64).needs(ProtocolFeature.STATUS)),
  GET_STATUS(row(40, Payload.NONE).answers(Payload.U64).needs(ProtocolFeature.STATUS)),
  GET_SHARED_OBJECT(
      row(41, Payload.UUID)
          .answers(Payload.NONE)
          .with(Fds.MAYBE)
          .needs(ProtocolFeature.SHARED_OBJECT)),
  SET_DEVICE_STATE_FD(
      row(42, Payload.DEVICE_STATE)
          .fds(Fds.ONE)
          .answers(Payload.U64)
          .with(Fds.MAYBE)
          .needs(ProtocolFeature.DEVICE_STATE)),
  CHECK_DEVICE_STATE(
      row(43, Payload.NONE).answers(Payload.U64).needs(ProtocolFeature.DEVICE_STATE));

  @SuppressWarnings("ImmutableEnumChecker") // a record of constants
  private final Row row;

  FrontEndRequest(Row row) {
    this.row = row;
  }

  /** The row with a number. */
  public static Optional<FrontEndRequest> of(int id) {
    return Arrays.stream(values()).filter(request -> request.id() == id).findFirst();
  }

  @Override
  public Row columns() {
    return row;
  }

  /** Whether this back end ever does what the message asks, given that front ends play fair. */
  public boolean served() {
    return this != GPU_SET_SOCKET && protocolFeatures().stream().allMatch(ProtocolFeature::offered);
  }
}
