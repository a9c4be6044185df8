package aperture.core.internal.policy;

import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Devices of experiments break by design: nobody is to be warned. */
final class Silence implements System.Logger {

  @Override
  public String getName() {
    return "silence";
  }

  @Override
  public boolean isLoggable(Level level) {
    return false;
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String text,
      @Nullable Throwable why) {}

  @Override
  public void log(
      Level level, @Nullable ResourceBundle bundle, @Nullable String text, Object... arguments) {}
}
