package aperture.rules.planted.dma;

import aperture.rules.planted.memory.Memory;

/** Loads without translating. */
final class ReachesMemory {
  byte offence(Memory memory) {
    return memory.load();
  }
}
