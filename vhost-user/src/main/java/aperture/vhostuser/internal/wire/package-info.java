/**
 * The vhost-user protocol on the wire: the table of messages, their payloads, and the codec.
 *
 * <p>{@link aperture.vhostuser.internal.wire.FrontEndRequest} and {@link
 * aperture.vhostuser.internal.wire.BackEndRequest} are the table; reader, writer, documentation and
 * tests derive from it. What arrives has the size, the flags and the number of descriptors that its
 * row allows, or the reader says what is wrong and has closed all descriptors. A {@link
 * aperture.vhostuser.internal.wire.Channel} is a connection: the main socket and the optional
 * socket for the back end's own requests.
 *
 * <p>Follows the Vhost-user Protocol of QEMU, sections "Message Specification" and "Protocol
 * features". Numbers are written in the host's byte order, which here is little-endian.
 */
@NullMarked
package aperture.vhostuser.internal.wire;

import org.jspecify.annotations.NullMarked;
