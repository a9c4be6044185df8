package aperture.core.internal.machine;

import aperture.machine.MachineRow;

/**
 * A row of a family, copied into core's own types when the family arrived.
 *
 * @param row the row
 * @param arch architecture, an opaque word
 */
public record RowCopy(MachineRow row, String arch) {}
