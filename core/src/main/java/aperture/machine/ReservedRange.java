package aperture.machine;

import aperture.memory.MemoryRange;

/**
 * IOVAs that no driver is given.
 *
 * @param range the addresses
 * @param purpose why, for people
 */
public record ReservedRange(MemoryRange range, String purpose) {}
