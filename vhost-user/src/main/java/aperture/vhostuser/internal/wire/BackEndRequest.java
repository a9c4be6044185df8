package aperture.vhostuser.internal.wire;

import static aperture.vhostuser.internal.wire.Row.row;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a back end asks of a front end, on the socket that SET_BACKEND_REQ_FD brought.
 *
 * <p>Vhost-user Protocol, section "Back-end message types".
 */
public enum BackEndRequest implements Request {
  IOTLB_MSG(
      row(1, Payload.IOTLB)
          .needs(ProtocolFeature.BACKEND_REQ, ProtocolFeature.REPLY_ACK)
          .gate(GateFeature.ACCESS_PLATFORM)),
  CONFIG_CHANGE(row(2, Payload.NONE).needs(ProtocolFeature.BACKEND_REQ, ProtocolFeature.CONFIG)),
  VRING_HOST_NOTIFIER(
      row(3, Payload.VRING_AREA)
          .fds(Fds.MAYBE)
          .needs(
              ProtocolFeature.BACKEND_REQ,
              ProtocolFeature.BACKEND_SEND_FD,
              ProtocolFeature.HOST_NOTIFIER)),
  VRING_CALL(
      row(4, Payload.VRING_STATE)
          .needs(ProtocolFeature.BACKEND_REQ, ProtocolFeature.INBAND_NOTIFICATIONS)),
  VRING_ERR(
      row(5, Payload.VRING_STATE)
          .needs(ProtocolFeature.BACKEND_REQ, ProtocolFeature.INBAND_NOTIFICATIONS)),
  SHARED_OBJECT_ADD(
      row(6, Payload.UUID).needs(ProtocolFeature.BACKEND_REQ, ProtocolFeature.SHARED_OBJECT)),
  SHARED_OBJECT_REMOVE(
      row(7, Payload.UUID).needs(ProtocolFeature.BACKEND_REQ, ProtocolFeature.SHARED_OBJECT)),
  SHARED_OBJECT_LOOKUP(
      row(8, Payload.UUID)
          .answers(Payload.U64)
          .with(Fds.MAYBE)
          .needs(ProtocolFeature.BACKEND_REQ, ProtocolFeature.SHARED_OBJECT));

  @SuppressWarnings("ImmutableEnumChecker") // a record of constants
  private final Row row;

  BackEndRequest(Row row) {
    this.row = row;
  }

  /** The row with a number. */
  public static Optional<BackEndRequest> of(int id) {
    return Arrays.stream(values()).filter(request -> request.id() == id).findFirst();
  }

  @Override
  public Row columns() {
    return row;
  }

  /** Whether this back end may send it. */
  public boolean served() {
    return protocolFeatures().stream().allMatch(ProtocolFeature::offered);
  }
}
