package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A guest that runs: a QEMU process, its console and its control socket. Closed, it is gone. */
final class QemuGuest implements AutoCloseable {

  /** Longer than anything takes on a machine that has other things to do. */
  static final Duration LIMIT = Duration.ofMinutes(3);

  private static final int BLOCK_DEVICE = 2;
  private static final int ACCESS_PLATFORM = 33;

  private final Bootable setup;
  private final Process process;
  private final GuestConsole console;
  private final Qmp control;
  private final FrontEndTrace trace;

  private QemuGuest(Bootable setup, Process process, Path control, FrontEndTrace trace) {
    this.setup = setup;
    this.process = process;
    this.console = new GuestConsole(process.getInputStream(), setup.line().name());
    this.control = new Qmp(control);
    this.trace = trace;
  }

  /**
   * Starts it.
   *
   * @param folder for its files; they are of no use once it has ended
   */
  static QemuGuest start(Bootable setup, GuestTools tools, Path folder) throws IOException {
    Path own = Files.createTempDirectory(folder, "guest");
    Path fetched = tools.kernels().resolve(setup.line().kernel());
    Path initramfs = Initramfs.write(fetched, tools.init(), own.resolve("initramfs"));
    Path socket = own.resolve("qmp");
    FrontEndTrace trace = new FrontEndTrace(own.resolve("trace"));
    ProcessBuilder builder =
        new ProcessBuilder(setup.command(fetched.resolve("kernel"), initramfs, socket, trace))
            .redirectErrorStream(true);
    return new QemuGuest(setup, Children.start(builder), socket, trace);
  }

  /** The next marker of a step. */
  Marker await(String step) throws InterruptedException {
    return await(step, LIMIT);
  }

  Marker await(String step, Duration limit) throws InterruptedException {
    return console.await(step, limit);
  }

  /** It has booted, and its disk is what the line says: bit 33, and attached to an IOMMU or not. */
  void awaitDisk() throws InterruptedException {
    await("boot");
    Marker device = await("device");
    while (device.number("id") != BLOCK_DEVICE) {
      device = await("device");
    }
    String features = device.text("features");
    assertThat(features.charAt(ACCESS_PLATFORM))
        .as("bit 33 of the disk, in %s", features)
        .isEqualTo(setup.line().accessPlatform() ? '1' : '0');
    assertThat(device.text("domain")).as("IOMMU of the disk").isEqualTo(setup.line().domain());
  }

  /** All that it printed so far. */
  GuestConsole console() {
    return console;
  }

  /** What QEMU has to say about its back ends. */
  FrontEndTrace trace() {
    return trace;
  }

  /** Waits until the jobs of a load have come so many rounds further, all together. */
  void awaitProgress(int rounds) throws InterruptedException {
    for (int round = 0; round < rounds; round++) {
      await("progress");
    }
  }

  /** Types a line, and with it ends the load that is running. */
  Marker endLoad() throws Exception {
    OutputStream keyboard = process.getOutputStream();
    keyboard.write('\n');
    keyboard.flush();
    return await("load");
  }

  /** QEMU's control socket; nobody is connected between commands. */
  Path control() {
    return control.socket();
  }

  /** The guest sees its processor reset, in the middle of whatever it does. */
  void reset() throws Exception {
    control.run("system_reset");
  }

  /** QEMU ends in order, the guest does not. */
  void quit() throws Exception {
    control.run("quit");
    awaitEnd();
  }

  /** QEMU dies. */
  void kill() throws InterruptedException {
    Children.kill(process);
  }

  /** It has powered off, or QEMU was told to quit, and nothing went wrong in its kernel. */
  void awaitEnd() throws InterruptedException {
    console.awaitEnd(LIMIT);
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("QEMU ended").isTrue();
    assertThat(process.exitValue())
        .as(() -> "status of QEMU: " + String.join("\n", console.lines()))
        .isZero();
    assertThat(console.lines()).noneMatch(line -> line.contains("I/O error"));
  }

  @Override
  public void close() {
    Children.end(process);
  }
}
