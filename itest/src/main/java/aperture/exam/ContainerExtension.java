package aperture.exam;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.ExamSystem;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.OptionUtils;
import org.ops4j.pax.exam.TestAddress;
import org.ops4j.pax.exam.TestContainer;
import org.ops4j.pax.exam.TestContainerException;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.options.extra.WorkingDirectoryOption;
import org.ops4j.pax.exam.spi.DefaultExamSystem;
import org.ops4j.pax.exam.spi.PaxExamRuntime;

/**
 * Behind {@link InContainer}: starts the container, installs the probe, calls each method in it.
 */
final class ContainerExtension
    implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor {

  private static final Namespace NAMESPACE = Namespace.create(ContainerExtension.class);
  private static final String INVOKER = "pax.exam.invoker";

  /** A container at work, and where in its probe each test method is. */
  private record Running(TestContainer container, Map<String, TestAddress> addresses) {}

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    Class<?> type = context.getRequiredTestClass();
    System.clearProperty(INVOKER); // the plain one: it calls any public method, whatever the engine
    Option[] own = configured(type);
    refuseWorkingDirectory(own);
    ExamSystem system =
        DefaultExamSystem.create(
            OptionUtils.combine(new Option[] {TestBundles.ofExam(), TestBundles.ofJupiter()}, own));
    TestContainer container = PaxExamRuntime.createContainer(system);
    container.start();
    context.getStore(NAMESPACE).put(type, probed(system, container, type));
  }

  /** Pax Exam deletes its working directory with all that is in it, whoever put it there. */
  static void refuseWorkingDirectory(Option... options) {
    Option[] all = OptionUtils.expand(options);
    if (OptionUtils.filter(WorkingDirectoryOption.class, all).length > 0) {
      throw new ExtensionConfigurationException(
          "no working directory, please: it would be deleted with all that is in it; without the"
              + " option each container has a temporary one of its own");
    }
  }

  private static Running probed(ExamSystem system, TestContainer container, Class<?> type)
      throws IOException {
    boolean done = false;
    try {
      TestProbeBuilder probe = system.createProbe();
      Map<String, TestAddress> addresses = new HashMap<>();
      for (Method method :
          AnnotationSupport.findAnnotatedMethods(
              type, Test.class, HierarchyTraversalMode.TOP_DOWN)) {
        addresses.put(method.getName(), probe.addTest(type, method.getName()));
      }
      container.install(probe.build().getStream());
      done = true;
      return new Running(container, Map.copyOf(addresses));
    } finally {
      if (!done) {
        container.stop();
      }
    }
  }

  private static Option[] configured(Class<?> type) throws ReflectiveOperationException {
    for (Method method :
        AnnotationSupport.findAnnotatedMethods(
            type, Configuration.class, HierarchyTraversalMode.TOP_DOWN)) {
      return (Option[]) method.invoke(null);
    }
    throw new ExtensionConfigurationException(
        type.getName() + " has no static method annotated with Pax Exam's Configuration");
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    invocation.skip();
    Class<?> type = context.getRequiredTestClass();
    Running running = context.getStore(NAMESPACE).get(type, Running.class);
    TestAddress address = running.addresses().get(method.getExecutable().getName());
    try {
      running.container().call(address);
    } catch (TestContainerException e) {
      throw failure(e);
    }
  }

  /** What the test itself threw. */
  private static Throwable failure(TestContainerException thrown) {
    Throwable cause = thrown.getCause();
    while (cause instanceof InvocationTargetException || cause instanceof TestContainerException) {
      cause = cause.getCause();
    }
    return cause == null ? thrown : cause;
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Running running =
        context.getStore(NAMESPACE).remove(context.getRequiredTestClass(), Running.class);
    if (running != null) {
      running.container().stop();
    }
  }
}
