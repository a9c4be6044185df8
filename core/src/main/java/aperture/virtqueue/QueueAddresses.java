package aperture.virtqueue;

/**
 * Device addresses of a queue's three areas.
 *
 * @param descriptors descriptor table
 * @param driver driver area: the available ring
 * @param device device area: the used ring
 */
public record QueueAddresses(long descriptors, long driver, long device) {}
