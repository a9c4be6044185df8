/**
 * Experiments on whose addresses a device uses: each case is a machine of its own with poisoned
 * memory, on which a driver does I/O; what happened is judged from what was seen, not from
 * settings.
 */
@NullMarked
package aperture.core.internal.policy;

import org.jspecify.annotations.NullMarked;
