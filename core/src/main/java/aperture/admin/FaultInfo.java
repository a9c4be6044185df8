package aperture.admin;

/**
 * A translation fault, the newest last; each distinct one once, with a count.
 *
 * @param machine the machine
 * @param device the device, empty when unknown
 * @param endpoint the requester
 * @param iova address, in hexadecimal
 * @param access {@code r} or {@code w}
 * @param kind common shape
 * @param reason the IOMMU's own code, in hexadecimal; empty when it has none
 * @param text the code in words
 * @param structure structure, address and raw value read last; empty when none
 * @param recorded where the hardware recorded it; empty when it does not
 * @param count how often
 */
public record FaultInfo(
    String machine,
    String device,
    String endpoint,
    String iova,
    String access,
    String kind,
    String reason,
    String text,
    String structure,
    String recorded,
    long count) {}
