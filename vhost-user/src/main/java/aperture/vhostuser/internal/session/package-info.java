/**
 * One front end's connection: what it agreed upon, its memory, its rings, and what each of its
 * messages does.
 *
 * <p>Threading: everything here belongs to the connection's control thread, except where a type
 * says otherwise.
 */
@NullMarked
package aperture.vhostuser.internal.session;

import org.jspecify.annotations.NullMarked;
