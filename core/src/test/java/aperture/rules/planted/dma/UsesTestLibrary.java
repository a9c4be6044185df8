package aperture.rules.planted.dma;

import org.junit.jupiter.api.Assertions;

/** Takes a test library along. */
final class UsesTestLibrary {
  void offence() {
    Assertions.fail();
  }
}
