package aperture.core.internal.control;

import aperture.access.Setting;

/** The global settings of the decision. Thread-safe; read when a device is created. */
public final class GlobalPolicy {

  /** Keeps settings beyond this process. */
  @FunctionalInterface
  public interface Store {
    void save(Setting offer, Setting strict);
  }

  private Store store = (offer, strict) -> {};
  private Setting offer = Setting.UNSET;
  private Setting strict = Setting.UNSET;

  /** Where changes are kept; nowhere unless set. */
  public synchronized void storeIn(Store newStore) {
    store = newStore;
  }

  /** Settings arrived from configuration: taken, not stored again. */
  public synchronized void load(Setting newOffer, Setting newStrict) {
    offer = newOffer;
    strict = newStrict;
  }

  public synchronized void offer(Setting setting) {
    offer = setting;
    store.save(offer, strict);
  }

  public synchronized void strict(Setting setting) {
    strict = setting;
    store.save(offer, strict);
  }

  public synchronized Setting offer() {
    return offer;
  }

  public synchronized Setting strict() {
    return strict;
  }
}
