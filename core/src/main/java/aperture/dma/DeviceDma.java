package aperture.dma;

import aperture.access.AddressSpace;
import aperture.iommu.Access;
import org.osgi.annotation.versioning.ProviderType;

/** The device face of one endpoint. Thread-safe. */
@ProviderType
public interface DeviceDma {

  /** The address space that translations use now. */
  AddressSpace space();

  /** Selects the address space, once per negotiation; sessions opened before must be closed. */
  void select(AddressSpace space);

  /** A session for the calling worker. */
  DmaSession openSession();

  /** Explains one translation step by step, without touching anything. */
  TranslationReport explain(long iova, long length, Access access);
}
