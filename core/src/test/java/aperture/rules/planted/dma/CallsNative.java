package aperture.rules.planted.dma;

import java.lang.foreign.Linker;

/** Leaves the Java machine. */
final class CallsNative {
  Linker offence() {
    return Linker.nativeLinker();
  }
}
