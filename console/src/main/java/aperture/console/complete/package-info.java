/**
 * Completion on a terminal: commands' words come from the live services.
 *
 * <p>Only here is the line editor's library used, and it may be absent: batches and remote shells
 * have none.
 *
 * <p>Threading: called from the terminal's thread.
 */
@NullMarked
package aperture.console.complete;

import org.jspecify.annotations.NullMarked;
