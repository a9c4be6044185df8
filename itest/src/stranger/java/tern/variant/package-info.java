/**
 * Other editions of the Tern's IOMMU, which a bundle holds and does not register unless its
 * component description is edited to name one: for tests of what happens then.
 */
@NullMarked
package tern.variant;

import org.jspecify.annotations.NullMarked;
