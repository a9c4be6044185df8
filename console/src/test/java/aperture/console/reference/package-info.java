/**
 * Writes the reference part of {@code docs/commands}: what a command takes, from the table of
 * commands, and what its JSON holds, from the records and their Javadoc; and that of {@code
 * docs/machines.md}, from the architecture bundles. Around that part people write; it is kept.
 *
 * <p>Threading: stateless.
 */
@NullMarked
package aperture.console.reference;

import org.jspecify.annotations.NullMarked;
