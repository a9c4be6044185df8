package aperture.rules.planted.dma;

/** Waits for a time. */
final class Sleeps {
  void offence() throws InterruptedException {
    Thread.sleep(1);
  }
}
