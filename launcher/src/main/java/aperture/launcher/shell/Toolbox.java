package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;

/**
 * The shell bundle's commands ({@code grep}, {@code each}, {@code help}, …) without its shell.
 *
 * <p>Starting the bundle would take the terminal and its signals, so that Ctrl-C no longer ended a
 * batch. It stays resolved instead, and its command objects are registered from here, by
 * reflection, under the names they have anyway.
 */
final class Toolbox {
  private static final String BUNDLE = "org.apache.felix.gogo.jline";
  private static final String PACKAGE = BUNDLE + ".";

  private final BundleContext context;
  private final CommandProcessor processor;
  private final Bundle shell;

  private Toolbox(BundleContext context, CommandProcessor processor, Bundle shell) {
    this.context = context;
    this.processor = processor;
    this.shell = shell;
  }

  /** Finds the shell bundle; without it, or when it runs, there is nothing to add. */
  static Optional<Toolbox> find(BundleContext context, CommandProcessor processor) {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> BUNDLE.equals(bundle.getSymbolicName()))
        .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
        .findFirst()
        .map(bundle -> new Toolbox(context, processor, bundle));
  }

  /** Registers the commands, and the converters that read bundle ids and symbolic names. */
  void register() {
    try {
      commands("Builtin", load("Builtin").getConstructor().newInstance());
      commands("Procedural", load("Procedural").getConstructor().newInstance());
      commands(
          "Posix", load("Posix").getConstructor(CommandProcessor.class).newInstance(processor));
      commands("Shell", shell());
      Object converters =
          load("Converters")
              .getConstructor(BundleContext.class)
              .newInstance(context.getBundle(0).getBundleContext());
      context.registerService(Converter.class.getName(), converters, null);
    } catch (ReflectiveOperationException e) {
      throw new Failure(ExitCode.MISSING, "unexpected version of " + BUNDLE + ": " + e);
    }
  }

  /**
   * Gives a session a terminal without abilities, or commands would write colours into a file. It
   * is made when first asked for, because that runs a program to learn what it cannot do.
   */
  void equip(CommandSession session, InputStream in, OutputStream out) {
    Function terminal =
        new Function() {
          private @Nullable Object made;

          @Override
          public synchronized Object execute(CommandSession asking, List<Object> arguments) {
            Object known = made == null ? terminal(in, out) : made;
            made = known;
            return known;
          }
        };
    session.put("#.terminal", terminal);
  }

  private Object terminal(InputStream in, OutputStream out) {
    try {
      return load("Shell") // any class: from there to the terminal library it is wired to
          .getMethod("getTerminal", CommandSession.class)
          .getReturnType()
          .getClassLoader()
          .loadClass("org.jline.terminal.impl.DumbTerminal")
          .getConstructor(InputStream.class, OutputStream.class)
          .newInstance(in, out);
    } catch (ReflectiveOperationException e) {
      throw new Failure(ExitCode.MISSING, "unexpected version of the terminal library: " + e);
    }
  }

  private Object shell() throws ReflectiveOperationException {
    Class<?> type = load("Shell$Context");
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getName().equals("getProperty")) {
            return context.getProperty((String) arguments[0]);
          }
          if (method.getName().equals("exit")) {
            stopFramework();
          }
          return null;
        };
    Object surroundings =
        Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    return load("Shell")
        .getConstructor(type, CommandProcessor.class)
        .newInstance(surroundings, processor);
  }

  private void stopFramework() throws BundleException {
    context.getBundle(0).stop();
  }

  private Class<?> load(String name) throws ClassNotFoundException {
    return shell.loadClass(PACKAGE + name);
  }

  private void commands(String name, Object target) throws ReflectiveOperationException {
    Field functions = load(name).getDeclaredField("functions");
    functions.setAccessible(true);
    context.registerService(
        target.getClass().getName(),
        target,
        FrameworkUtil.asDictionary(
            Map.of(
                CommandProcessor.COMMAND_SCOPE,
                "gogo",
                CommandProcessor.COMMAND_FUNCTION,
                functions.get(null),
                Constants.SERVICE_RANKING,
                -1)));
  }
}
