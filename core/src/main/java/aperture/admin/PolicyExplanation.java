package aperture.admin;

import java.util.List;

/**
 * Whose addresses a device uses, and why.
 *
 * @param device the device
 * @param row its machine's row
 * @param offer {@code on} or {@code off}
 * @param offerProvenance where that came from
 * @param strict {@code on} or {@code off}
 * @param strictProvenance where that came from
 * @param unacked whose addresses a driver posts that does not accept the bit, where that is not
 *     refused: {@code physical} or {@code translated}
 * @param wiring what the device does without the offer: {@code software} or {@code hardware}
 * @param interfaces the registers that drivers find
 * @param pathMode letter and meaning
 * @param pathReason why the path is what it is
 * @param outcome what happens with a driver that accepts the bit, and with one that does not
 * @param changes what would change it
 */
public record PolicyExplanation(
    String device,
    String row,
    String offer,
    String offerProvenance,
    String strict,
    String strictProvenance,
    String unacked,
    String wiring,
    String interfaces,
    String pathMode,
    String pathReason,
    List<String> outcome,
    List<String> changes) {}
