package aperture.vhostuser.internal.wire;

import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The protocol page as the message table has it. */
final class ProtocolPage {

  private ProtocolPage() {}

  static String text() {
    return """
    # The vhost-user protocol

    What Aperture's back end takes and sends, generated from the message table
    (`aperture.vhostuser.internal.wire`). A message whose size, flags or number of descriptors is
    not as its row says costs its sender the connection; all its descriptors are closed.

    A message with an answer of its own gets that and nothing else. Every other message is
    acknowledged by a number, 0 for success, if its sender asks for it and REPLY_ACK is agreed.
    Answers carry the flags 0x5. *Needs* names protocol features that must be agreed, and feature
    bits of the device that must be offered or set.

    *Served* means that Aperture does what the message asks. What is not served is understood well
    enough to be refused without losing the connection. An unknown message is refused if its sender
    asks for an answer.

    ## From the front end

    %s
    Not in the table, and so unknown: GET_SHMEM_CONFIG (44).

    ## From the back end, on the socket of SET_BACKEND_REQ_FD

    %s
    Not in the table, because never sent: SHMEM_MAP (9), SHMEM_UNMAP (10).

    ## Protocol features

    | bit | feature | meaning | offered |
    |---|---|---|---|
    %s
    ## Limits

    | what | limit |
    |---|---|
    | payload of any message | %d bytes |
    | descriptors with one message | %d |
    | regions in SET_MEM_TABLE | %d |
    | bytes of configuration in one message | %d |
    """
        .formatted(
            table(FrontEndRequest.values(), FrontEndRequest::served),
            table(BackEndRequest.values(), BackEndRequest::served),
            features(),
            HeaderLayout.MAX_PAYLOAD,
            RegionLayout.MAX_REGIONS,
            RegionLayout.MAX_REGIONS,
            ConfigLayout.MAX_BYTES);
  }

  private static <R extends Request> String table(R[] rows, Predicate<R> served) {
    return "| id | message | payload | bytes | descriptors | answer | needs | served |\n"
        + "|---|---|---|---|---|---|---|---|\n"
        + Arrays.stream(rows).map(row -> line(row, served.test(row))).collect(Collectors.joining());
  }

  private static String line(Request row, boolean served) {
    return "| %d | %s | %s | %s | %s | %s | %s | %s |\n"
        .formatted(
            row.id(),
            row.name(),
            row.payload() == Payload.NONE ? "" : row.payload().words(),
            sizes(row.payload()),
            row.fds().equals(Request.Fds.NONE) ? "" : row.fds(),
            answer(row),
            needs(row),
            served ? "yes" : "");
  }

  private static String sizes(Payload payload) {
    if (payload.min() == payload.max()) {
      return payload == Payload.NONE ? "" : String.valueOf(payload.min());
    }
    if (payload.max() - payload.min() == payload.step()) {
      return payload.min() + " or " + payload.max();
    }
    String step = payload.step() == 1 ? "" : ", in steps of " + payload.step();
    return "%d to %d%s".formatted(payload.min(), payload.max(), step);
  }

  private static String answer(Request row) {
    if (row.replyRule() != ReplyRule.BODY) {
      return row.replyRule() == ReplyRule.IF_ASKED ? "" : "number, " + row.replyRule().words();
    }
    String body = row.replyPayload() == Payload.NONE ? "no bytes" : row.replyPayload().words();
    return row.replyFds().equals(Request.Fds.NONE)
        ? body
        : "%s, descriptors %s".formatted(body, row.replyFds());
  }

  private static String needs(Request row) {
    Set<ProtocolFeature> features = row.protocolFeatures();
    String protocol = features.stream().sorted().map(Enum::name).collect(Collectors.joining(", "));
    if (row.gate() == GateFeature.NONE) {
      return protocol;
    }
    String gate = "bit %d (%s)".formatted(row.gate().bit(), row.gate().name());
    return protocol.isEmpty() ? gate : protocol + ", " + gate;
  }

  private static String features() {
    return Arrays.stream(ProtocolFeature.values())
        .map(feature ->
            "| %d | %s | %s | %s |\n"
                .formatted(
                    feature.bit(),
                    feature.name(),
                    feature.meaning(),
                    feature.offered() ? "yes" : ""))
        .collect(Collectors.joining());
  }
}
