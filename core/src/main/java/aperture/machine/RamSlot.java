package aperture.machine;

/**
 * A place for guest memory: a machine's memory fills its slots in order.
 *
 * @param base guest-physical address
 * @param capacity bytes that fit, at least 1
 */
public record RamSlot(long base, long capacity) {}
