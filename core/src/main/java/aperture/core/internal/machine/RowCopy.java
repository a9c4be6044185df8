package aperture.core.internal.machine;

import aperture.machine.MachineRow;
import java.util.Optional;

/**
 * A row of a family, copied into core's own types when the family arrived.
 *
 * @param row the row
 * @param arch architecture, an opaque word
 * @param next the next version of the family; absent for the newest
 */
public record RowCopy(MachineRow row, String arch, Optional<MachineRow> next) {}
