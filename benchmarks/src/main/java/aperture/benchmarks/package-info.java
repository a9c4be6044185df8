/** Programs that measure: ratios against a named peer, side by side in one run. */
@NullMarked
package aperture.benchmarks;

import org.jspecify.annotations.NullMarked;
