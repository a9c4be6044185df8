/**
 * The front end's memory: regions that come and go, and the guest memory that they make.
 *
 * <p>{@link aperture.vhostuser.internal.memory.RegionTable} checks a region before anything
 * changes, and maps all regions as one {@link aperture.memory.GuestMemory}, one per generation of
 * the table.
 *
 * <p>A peer can shrink its file at any time. An access to what is gone throws an {@link
 * InternalError}, sometimes a few instructions late; a read or write of a channel fails with an
 * {@code IOException}. Whoever serves a queue catches both and breaks the device.
 */
@NullMarked
package aperture.vhostuser.internal.memory;

import org.jspecify.annotations.NullMarked;
