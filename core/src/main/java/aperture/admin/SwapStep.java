package aperture.admin;

/**
 * One step of a hot swap.
 *
 * @param step its name, for example {@code revoke}
 * @param micros how long it took, in microseconds
 * @param detail what happened
 */
public record SwapStep(String step, long micros, String detail) {}
