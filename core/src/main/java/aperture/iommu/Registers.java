package aperture.iommu;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An IOMMU's registers: named 64-bit values that core keeps. A register never written reads 0.
 * Thread-safe; {@link #get} sees every earlier {@link #set}.
 *
 * <p>A look-up by name costs a map access: an instance that walks reads the registers it needs when
 * it attaches and again when {@link #generation} moves.
 */
@ProviderType
public interface Registers {

  long get(String name);

  void set(String name, long value);

  /** Whether the register was ever written. */
  boolean has(String name);

  /** Changes with every {@link #set}; a volatile read. */
  int generation();

  /** A copy of all registers. */
  Map<String, Long> snapshot();
}
