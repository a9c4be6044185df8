package aperture.machine;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One machine family, supplied by an architecture bundle as a service with the properties {@link
 * #FAMILY_PROPERTY} and {@link #ARCH_PROPERTY}.
 */
@ConsumerType
public interface MachineDefaults {

  /** Service property with the family's name: a String. */
  String FAMILY_PROPERTY = "machine.family";

  /** Service property with the architecture, an opaque word: a String. */
  String ARCH_PROPERTY = "machine.arch";

  /** The family's name. */
  String family();

  /** The versions, oldest first; each is a delta to its successor. */
  List<MachineRow> rows();
}
