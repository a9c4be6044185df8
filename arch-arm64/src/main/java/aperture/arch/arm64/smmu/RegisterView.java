package aperture.arch.arm64.smmu;

import aperture.iommu.Registers;

/**
 * The current {@link SmmuConfiguration}, read again only when a register changed. Any thread;
 * looking costs two volatile reads, and a change that does not concern the configuration (a queue
 * index) makes no new object.
 */
final class RegisterView {

  private final Registers registers;
  private volatile SmmuConfiguration configuration;
  private volatile int seen;

  RegisterView(Registers registers) {
    this.registers = registers;
    this.seen = registers.generation();
    this.configuration = SmmuConfiguration.read(registers);
  }

  SmmuConfiguration current() {
    return seen == registers.generation() ? configuration : refresh();
  }

  private synchronized SmmuConfiguration refresh() {
    // The generation first: a change while reading makes the next look come here again. The
    // configuration is published before the generation that vouches for it.
    int generation = registers.generation();
    if (!configuration.matches(registers)) {
      configuration = SmmuConfiguration.read(registers);
    }
    seen = generation;
    return configuration;
  }
}
