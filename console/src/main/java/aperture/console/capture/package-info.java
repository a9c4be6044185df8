/**
 * Captured IOMMU states as folders of the format {@code iommu-capture/1}: {@code capture.json}
 * (state and who asks), {@code pages.bin} (pages that walks read), {@code truth.jsonl} (recorded
 * answers).
 *
 * <p>What is read is hostile until proven otherwise: sizes and counts are bounded by {@link
 * aperture.console.capture.CaptureLimits}, and every mistake becomes one line that names file, line
 * and what is wrong.
 *
 * <p>Threading: values and stateless readers.
 */
@NullMarked
package aperture.console.capture;

import org.jspecify.annotations.NullMarked;
