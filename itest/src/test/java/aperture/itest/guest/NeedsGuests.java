package aperture.itest.guest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that boot guests. One that is given a {@link Needed} needs that, any other needs {@link
 * GuestLines#X86_PLAIN}. Without it the test is skipped, and says how to get it; with {@code
 * CI=true} in the environment it fails. A {@link GuestTools} parameter is filled in.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(GuestToolsExtension.class)
@interface NeedsGuests {}
