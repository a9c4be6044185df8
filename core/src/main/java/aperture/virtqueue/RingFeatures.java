package aperture.virtqueue;

/**
 * The negotiated features that change a ring's behaviour.
 *
 * @param indirect indirect descriptor tables (bit 28)
 * @param eventIndex notification by event index (bit 29)
 */
public record RingFeatures(boolean indirect, boolean eventIndex) {}
