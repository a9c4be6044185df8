package aperture.core.internal.ds;

import aperture.access.Setting;
import aperture.admin.SwapControl;
import aperture.core.internal.control.GlobalPolicy;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Dictionary;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationException;
import org.osgi.service.cm.ManagedService;

/**
 * Global settings in Config Admin.
 *
 * <ul>
 *   <li>{@value #POLICY_PID}: {@code offer} and {@code strict}, each {@code on}, {@code off} or
 *       {@code unset};
 *   <li>{@value #SWAP_PID}: {@code quiesce-deadline-ms} and {@code grace-period-ms}, whole numbers.
 * </ul>
 */
final class SettingsEdge {

  static final String POLICY_PID = "aperture.policy";
  static final String SWAP_PID = "aperture.swap";

  private static final Logger LOG = System.getLogger(SettingsEdge.class.getName());
  private static final String OFFER = "offer";
  private static final String STRICT = "strict";
  private static final String QUIESCE = "quiesce-deadline-ms";
  private static final String GRACE = "grace-period-ms";

  private SettingsEdge() {}

  static List<ServiceRegistration<?>> register(
      BundleContext context, GlobalPolicy policy, SwapControl swaps) {
    policy.storeIn((offer, strict) -> save(context, offer, strict));
    return List.of(
        manage(
            context,
            POLICY_PID,
            values -> policy.load(setting(values, OFFER), setting(values, STRICT))),
        manage(
            context,
            SWAP_PID,
            values -> {
              millis(values, QUIESCE, swaps::quiesceDeadline);
              millis(values, GRACE, swaps::gracePeriod);
            }));
  }

  private interface Reader {
    void read(Dictionary<String, ?> values) throws ConfigurationException;
  }

  private static ServiceRegistration<ManagedService> manage(
      BundleContext context, String pid, Reader reader) {
    ManagedService service =
        (@Nullable Dictionary<String, ?> values) -> {
          if (values != null) {
            reader.read(values);
          }
        };
    return context.registerService(
        ManagedService.class,
        service,
        FrameworkUtil.asDictionary(Map.of(Constants.SERVICE_PID, pid)));
  }

  private static Setting setting(Dictionary<String, ?> values, String key)
      throws ConfigurationException {
    Object value = values.get(key);
    if (value == null) {
      return Setting.UNSET;
    }
    try {
      return Setting.valueOf(value.toString().strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(key, "'" + value + "' is not on, off or unset", e);
    }
  }

  private static void millis(Dictionary<String, ?> values, String key, Consumer<Duration> taker)
      throws ConfigurationException {
    Object value = values.get(key);
    if (value == null) {
      return;
    }
    try {
      long millis = Long.parseLong(value.toString().strip());
      if (millis < 0) {
        throw new ConfigurationException(key, "'" + value + "' is negative");
      }
      taker.accept(Duration.ofMillis(millis));
    } catch (NumberFormatException e) {
      throw new ConfigurationException(key, "'" + value + "' is not a whole number", e);
    }
  }

  private static void save(BundleContext context, Setting offer, Setting strict) {
    ServiceReference<ConfigurationAdmin> reference =
        context.getServiceReference(ConfigurationAdmin.class);
    ConfigurationAdmin admin = reference == null ? null : context.getService(reference);
    if (reference == null || admin == null) {
      return;
    }
    try {
      Configuration configuration = admin.getConfiguration(POLICY_PID, "?");
      configuration.update(
          FrameworkUtil.asDictionary(Map.of(OFFER, offer.word(), STRICT, strict.word())));
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the global settings are in force but could not be stored", e);
    } finally {
      context.ungetService(reference);
    }
  }
}
