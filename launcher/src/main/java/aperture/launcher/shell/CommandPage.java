package aperture.launcher.shell;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.felix.gogo.runtime.CommandProxy;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/**
 * What a listing says about a command.
 *
 * @param name with its scope
 * @param summary the first line of its descriptor, or empty
 * @param isStock whether it came with the framework's bundles
 */
record CommandPage(String name, String summary, boolean isStock) {
  private static final String STOCK_BUNDLES = "org.apache.felix.";

  /** All commands that a session can call, sorted by name. */
  static List<CommandPage> all(CommandSession session) {
    return UnknownCommands.commands(session).stream()
        .filter(name -> !function(name).startsWith("_")) // helpers of completion
        .sorted()
        .map(name -> of(name, session.get(name)))
        .toList();
  }

  String scope() {
    return name.substring(0, name.indexOf(':'));
  }

  /** Whether the user means this one, with or without its scope. */
  boolean answersTo(String topic) {
    return name.equals(topic) || function(name).equals(topic);
  }

  private static String function(String name) {
    return name.substring(name.indexOf(':') + 1);
  }

  private static CommandPage of(String name, Object command) {
    if (command instanceof CommandProxy proxy) {
      Object target = proxy.getTarget();
      try {
        return new CommandPage(name, summary(target, function(name)), isStock(target));
      } finally {
        proxy.ungetTarget();
      }
    }
    return new CommandPage(name, "", true);
  }

  private static String summary(Object target, String function) {
    return methods(target)
        .filter(method -> method.getName().replaceFirst("^_", "").equalsIgnoreCase(function))
        .map(method -> method.getAnnotation(Descriptor.class))
        .filter(Objects::nonNull)
        .flatMap(descriptor -> descriptor.value().lines().limit(1))
        .map(text -> text.replaceFirst("; examples?:.*", ""))
        .sorted()
        .findFirst()
        .orElse("");
  }

  private static Stream<Method> methods(Object target) {
    return Arrays.stream(target.getClass().getMethods());
  }

  private static boolean isStock(Object target) {
    Bundle bundle = FrameworkUtil.getBundle(target.getClass());
    return bundle == null || bundle.getSymbolicName().startsWith(STOCK_BUNDLES);
  }
}
