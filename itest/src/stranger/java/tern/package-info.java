/**
 * A fifth architecture, as a stranger would write it: one machine family and one IOMMU kind of its
 * own, against the published packages and nothing else.
 *
 * <p>The Tern is a host bridge with a table of two levels for each requester, all of it big-endian,
 * and pages of 16 KiB. There is no such hardware; the layouts in this package are its definition.
 *
 * <pre>
 *   ROOT register -> root page, by requester id
 *                      -> directory page, by IOVA bits 35:25
 *                           -> table page, by IOVA bits 24:14
 *                                -> page of 16 KiB
 * </pre>
 *
 * <p>Threading: the walker is called by many threads at once, everything else under the lock of the
 * machine's IOMMU.
 */
@NullMarked
package tern;

import org.jspecify.annotations.NullMarked;
