package aperture.exam;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs the test methods of a Jupiter class inside a Pax Exam container, one container for the
 * class.
 *
 * <p>The class names the container with a static method annotated {@link
 * org.ops4j.pax.exam.Configuration} that returns an array of options. Class and test methods are
 * public and the methods have no parameters: the container makes an instance for each method, of
 * the class as the probe bundle sees it, and fills fields annotated with {@code
 * javax.inject.Inject} (a {@code BundleContext}, or any service). Methods before and after each
 * test do not run; a test that needs them opens what it needs in a {@code try}.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ContainerExtension.class)
public @interface InContainer {}
