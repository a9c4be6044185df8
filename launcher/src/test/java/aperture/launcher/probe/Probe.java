package aperture.launcher.probe;

import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** A bundle with commands that do what commands of other bundles might. */
@SuppressWarnings("DoNotCallSuggester") // failing is what some of them are for
public final class Probe implements BundleActivator {
  private static final System.Logger LOG = System.getLogger("probe");

  private String version = "";

  /** What a command returns. */
  public record Row(String name, int number) {}

  /** What a command throws that knows its exit code. */
  public static final class Refused extends Exception {
    Refused() {
      super("address in use: /run/probe");
    }

    /** As agreed with the launcher. */
    public int exitCode() {
      return 4;
    }
  }

  @Override
  public void start(BundleContext context) {
    version = context.getBundle().getVersion().toString();
    String[] functions = {"version", "rows", "words", "fail", "refuse", "crash", "halt"};
    context.registerService(
        Probe.class,
        this,
        FrameworkUtil.asDictionary(
            Map.of("osgi.command.scope", "probe", "osgi.command.function", functions)));
    context.registerService(
        Delegates.class,
        new Delegates(),
        FrameworkUtil.asDictionary(
            Map.of(
                "osgi.command.scope",
                "aperture",
                "osgi.command.function",
                new String[] {"demo", "serve"},
                "service.ranking",
                1000)));
  }

  @Override
  public void stop(BundleContext context) {}

  /** The bundle's version, to tell it from a newer one. */
  public String version() {
    return "version " + version;
  }

  /** Records, with progress on the way and a remark in the log. */
  public List<Row> rows() {
    System.out.println("working");
    LOG.log(Level.WARNING, "a remark");
    LOG.log(Level.INFO, "a detail");
    return List.of(new Row("a", 1), new Row("b", 2));
  }

  /** The arguments as they arrived. */
  public String words(String[] words) {
    return Arrays.toString(words);
  }

  /** Fails in the usual way. */
  public void fail() {
    throw new IllegalStateException("it broke\nbadly");
  }

  /** Fails with a code of its own, wrapped. */
  public void refuse() {
    throw new IllegalStateException("wrapper", new Refused());
  }

  /** Fails as no command should. */
  public void crash() {
    throw new AssertionError("impossible");
  }

  /** Waits until the process is told to end. */
  public void halt() throws InterruptedException {
    System.out.println("waiting");
    Thread.currentThread().join();
  }

  /** Stands in for the subcommands that other bundles carry out. */
  public static final class Delegates {
    /** Shows its arguments. */
    public String demo(String[] words) {
      return "demo " + Arrays.toString(words);
    }

    /** Serves until the process is told to end. */
    public void serve(String[] words) throws InterruptedException {
      System.out.println("serving " + Arrays.toString(words));
      Thread.currentThread().join();
    }
  }
}
