/**
 * The block front end: patterns of requests, each with several pieces of data, mapped and unmapped
 * as a kernel does, and every result checked.
 *
 * <p>Follows Virtual I/O Device (VIRTIO), version 1.4, section "Block Device".
 */
@NullMarked
package aperture.guest.blk;

import org.jspecify.annotations.NullMarked;
