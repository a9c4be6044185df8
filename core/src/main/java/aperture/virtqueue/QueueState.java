package aperture.virtqueue;

/**
 * Where a queue half stands, for people.
 *
 * @param size entries
 * @param lastAvailable the next available index to look at
 * @param used the used index published last
 * @param inFlight chains taken and not yet used
 * @param chains chains completed since activation
 * @param notificationsSuppressed whether the other side is asked not to notify
 */
public record QueueState(
    int size,
    int lastAvailable,
    int used,
    int inFlight,
    long chains,
    boolean notificationsSuppressed) {}
