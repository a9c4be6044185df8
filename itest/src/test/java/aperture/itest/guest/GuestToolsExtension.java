package aperture.itest.guest;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/** Stands before each test of {@link NeedsGuests}. */
final class GuestToolsExtension implements InvocationInterceptor, ParameterResolver {

  private static final Logger LOG = System.getLogger(GuestToolsExtension.class.getName());

  private final GuestTools tools = GuestTools.here();

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> test,
      ExtensionContext context)
      throws Throwable {
    require(test.getArguments(), context);
    invocation.proceed();
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> test,
      ExtensionContext context)
      throws Throwable {
    require(test.getArguments(), context);
    invocation.proceed();
  }

  private void require(List<Object> arguments, ExtensionContext context) {
    Needed line =
        arguments.stream()
            .filter(Needed.class::isInstance)
            .map(Needed.class::cast)
            .findFirst()
            .orElse(GuestLines.X86_PLAIN);
    Optional<String> missing = tools.missing(line);
    if (missing.isEmpty()) {
      return;
    }
    String what =
        context.getRequiredTestClass().getSimpleName()
            + "."
            + context.getRequiredTestMethod().getName()
            + " ("
            + line
            + "): "
            + missing.get();
    if (Boolean.parseBoolean(System.getenv("CI"))) {
      throw new AssertionError(what);
    }
    // Reports keep the reason of a skipped test in their files, and leave it out of their summary.
    LOG.log(Level.WARNING, "skipped: " + what);
    throw new TestAbortedException(what);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == GuestTools.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return tools;
  }
}
