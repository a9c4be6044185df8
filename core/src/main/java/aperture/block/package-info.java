/**
 * What a disk's bytes come from: stores, whose types are whiteboard services. A block device brings
 * requests that are checked and translated; a store moves their bytes to or from guest memory.
 *
 * <p>Threading: a store is used by all queues of its device at once; each type says more.
 *
 * <p>Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.block;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
