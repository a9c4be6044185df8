/**
 * A store of Tern's own: a disk whose sectors are kept packed in memory.
 *
 * <p>Threading: thread-safe.
 */
@NullMarked
package tern.store;

import org.jspecify.annotations.NullMarked;
