package aperture.arch.ppc.phb;

import aperture.iommu.IommuCapabilities;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The generations of the bridge.
 *
 * <p>Sources: skiboot, hw/phb3.c and hw/phb4.c (page sizes), include/phb3-regs.h and phb4-regs.h;
 * QEMU 7.2, include/hw/pci-host/pnv_phb3.h and pnv_phb4.h (numbers of entries).
 */
enum PhbModel {
  PHB3(256, false, 12, 16, 24, 28),
  PHB4(512, true, 12, 16, 21, 30);

  private final int endpoints;
  private final boolean passBit;

  /** One bit for each page size: all sizes added up. */
  private final long pages;

  PhbModel(int endpoints, boolean passBit, int... pageShifts) {
    this.endpoints = endpoints;
    this.passBit = passBit;
    this.pages = IntStream.of(pageShifts).mapToLong(shift -> 1L << shift).sum();
  }

  /** PE numbers there are; the last one is for devices that nobody set up. */
  int endpoints() {
    return endpoints;
  }

  int reservedPe() {
    return endpoints - 1;
  }

  /** Whether a TVE needs a bit of its own to say that nothing is translated. */
  boolean needsPassBit() {
    return passBit;
  }

  /** Whether single pages can be dropped from the cache of TCEs. */
  boolean killsPages() {
    return passBit;
  }

  boolean hasPages(int shift) {
    return shift < Long.SIZE && (pages >>> shift & 1) != 0;
  }

  IommuCapabilities capabilities() {
    Set<Long> sizes =
        IntStream.range(0, Long.SIZE)
            .filter(this::hasPages)
            .mapToObj(shift -> 1L << shift)
            .collect(Collectors.toUnmodifiableSet());
    return new IommuCapabilities(sizes, false, false, true, false);
  }
}
