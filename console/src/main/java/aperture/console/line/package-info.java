/**
 * The command line as data: every command with its arguments, options and example in one table,
 * from which parsing, help, completion and documentation derive.
 *
 * <p>Threading: values and stateless functions.
 */
@NullMarked
package aperture.console.line;

import org.jspecify.annotations.NullMarked;
