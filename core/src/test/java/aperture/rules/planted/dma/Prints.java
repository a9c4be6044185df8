package aperture.rules.planted.dma;

/** Prints. */
final class Prints {
  void offence() {
    System.out.println();
  }
}
