/**
 * What somebody needs to test a bundle of their own inside the assembled distribution: a Pax Exam
 * option that provisions it ({@link aperture.exam.ApertureDistribution}), and an extension that
 * runs Jupiter's test methods in a Pax Exam container ({@link aperture.exam.InContainer}).
 *
 * <p>Threading: used by one thread of the test engine.
 */
@NullMarked
package aperture.exam;

import org.jspecify.annotations.NullMarked;
