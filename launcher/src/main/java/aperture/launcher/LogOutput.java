package aperture.launcher;

import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.StreamHandler;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code System.Logger} of every bundle ends: one line on standard error.
 *
 * <p>Installed as {@code java.util.logging.config.class}, so the logging system is set up when
 * somebody first logs and costs a quiet run nothing. Public for the same reason: the log manager
 * creates it.
 */
public final class LogOutput {
  private static final String LEVEL = "aperture.log";

  /** Called by the log manager. */
  public LogOutput() {
    String level = level().getName();
    // The JDK's own loggers report every process and exit; nobody who debugs bundles wants that.
    String jdk = level().intValue() < Level.INFO.intValue() ? Level.INFO.getName() : level;
    String configuration =
        """
        handlers = %s
        .level = %s
        java.level = %s
        jdk.level = %3$s
        sun.level = %3$s
        """
            .formatted(Handler.class.getName(), level, jdk);
    try {
      LogManager.getLogManager()
          .readConfiguration(
              new ByteArrayInputStream(configuration.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Routes logging here from now on; takes effect when the first logger speaks. */
  static void install(System.Logger.Level level) {
    System.setProperty(LEVEL, level.name());
    System.setProperty("java.util.logging.config.class", LogOutput.class.getName());
  }

  private static Level level() {
    return switch (System.Logger.Level.valueOf(System.getProperty(LEVEL, "WARNING"))) {
      case ALL -> Level.ALL;
      case TRACE -> Level.FINER;
      case DEBUG -> Level.FINE;
      case INFO -> Level.INFO;
      case WARNING -> Level.WARNING;
      case ERROR -> Level.SEVERE;
      case OFF -> Level.OFF;
    };
  }

  /** Standard error as the process got it, whatever a shell does to {@code System.err} later. */
  public static final class Handler extends StreamHandler {
    /** Called by the log manager. */
    @SuppressWarnings("this-escape") // the superclass offers setters only
    public Handler() {
      super(new PrintStream(new FileOutputStream(FileDescriptor.err), true), new Line());
      setLevel(Level.ALL);
    }

    @Override
    public synchronized void publish(LogRecord record) {
      super.publish(record);
      flush();
    }

    @Override
    public synchronized void close() {
      flush(); // the stream is the process's, not ours to close
    }
  }

  /** {@code WARNING aperture.core: message}; a stack trace only when debugging. */
  static final class Line extends Formatter {
    @Override
    public String format(LogRecord record) {
      Throwable thrown = record.getThrown();
      return name(record.getLevel())
          + " "
          + record.getLoggerName()
          + ": "
          + formatMessage(record)
          + (thrown == null ? "" : " (" + thrown + ")")
          + System.lineSeparator()
          + trace(thrown);
    }

    private static String name(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return "ERROR";
      }
      return level.intValue() <= Level.FINE.intValue() ? "DEBUG" : level.getName();
    }

    private static String trace(@Nullable Throwable thrown) {
      if (thrown == null || level().intValue() > Level.FINE.intValue()) {
        return "";
      }
      StringWriter text = new StringWriter();
      thrown.printStackTrace(new PrintWriter(text));
      return text.toString();
    }
  }
}
