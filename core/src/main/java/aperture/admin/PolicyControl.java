package aperture.admin;

import aperture.access.Setting;
import org.osgi.annotation.versioning.ProviderType;

/** The decision about bit 33. Thread-safe. */
@ProviderType
public interface PolicyControl {

  PolicyExplanation explain(String device) throws ControlException;

  /** Global setting of the offer, for devices created afterwards. */
  Setting globalOffer();

  /** Global setting of strictness, for devices created afterwards. */
  Setting globalStrict();

  void globalOffer(Setting setting);

  void globalStrict(Setting setting);
}
