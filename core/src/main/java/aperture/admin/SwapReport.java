package aperture.admin;

import java.util.List;

/**
 * One hot swap of one machine's IOMMU behaviour.
 *
 * @param number counts swaps, from 1
 * @param machine the machine
 * @param iommu IOMMU kind
 * @param from who supplied the behaviour before
 * @param to who supplies it now; empty while nobody does
 * @param outcome {@code waiting}, {@code swapped}, {@code refused} (the old one stays) or {@code
 *     closed} (nobody came in the grace period)
 * @param pauseMicros the whole pause: from revoke to the last worker resumed
 * @param workMicros the pause less the time in which no behaviour existed
 * @param workers queue workers that were paused
 * @param notifications notifications remembered and delivered
 * @param steps each step with its duration
 */
public record SwapReport(
    long number,
    String machine,
    String iommu,
    String from,
    String to,
    String outcome,
    long pauseMicros,
    long workMicros,
    int workers,
    long notifications,
    List<SwapStep> steps) {}
