package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** U-Boot at its prompt, with one disk. Closed, it is gone. */
final class FirmwareGuest implements AutoCloseable {

  private static final String MEMORY = "256M";
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String DISK = "d0";
  // The firmware's description of x86 has other things in the first places of the bus.
  private static final String MODERN = "addr=5,disable-legacy=on";
  private static final Pattern CRC = Pattern.compile("==> ([0-9a-f]{8})");

  private final FirmwareLine line;
  private final Process process;
  private final ProcessOutput output;
  private final Prompt prompt;
  private final Qmp control;
  private final FrontEndTrace trace;

  private FirmwareGuest(FirmwareLine line, Process process, Path control, FrontEndTrace trace) {
    this.line = line;
    this.process = process;
    this.output = new ProcessOutput(process.getInputStream(), line.name());
    this.prompt = new Prompt(process, output, LIMIT);
    this.control = new Qmp(control);
    this.trace = trace;
  }

  /**
   * Starts it.
   *
   * @param offered whether the disk offers bit 33
   * @param folder for its files
   */
  static FirmwareGuest start(
      FirmwareLine line, GuestDevice disk, boolean offered, GuestTools tools, Path folder)
      throws IOException {
    Path own = Files.createTempDirectory(folder, "firmware");
    Path socket = own.resolve("qmp");
    FrontEndTrace trace = new FrontEndTrace(own.resolve("trace"));
    List<String> all = new ArrayList<>();
    all.add(line.qemu().name());
    all.addAll(Bootable.bare(socket));
    all.addAll(Bootable.machine(line.machine(), MEMORY, line.processor()));
    all.addAll(
        List.of("-bios", tools.kernels().resolve(line.folder()).resolve(line.file()).toString()));
    all.addAll(trace.options());
    all.addAll(line.hardware());
    all.addAll(disk.options(DISK, offered ? "iommu_platform=on," + MODERN : MODERN));
    Process process = Children.start(new ProcessBuilder(all).redirectErrorStream(true));
    return new FirmwareGuest(line, process, socket, trace);
  }

  /** Stops it before it looks for something to boot, and has it find its devices. */
  void awaitPrompt() throws Exception {
    // The last line before it waits for a key.
    awaitLine("Net:");
    prompt.type("\n");
    awaitLine("Hit any key");
    prompt.run("pci enum");
    prompt.run("virtio scan");
  }

  private void awaitLine(String text) throws InterruptedException {
    output.await(text, each -> Optional.of(each).filter(found -> found.contains(text)), LIMIT);
  }

  /** Whether a driver has taken the disk. */
  boolean hasDisk() throws Exception {
    return prompt.run("virtio info").stream().anyMatch(each -> each.contains("VirtIO Block"));
  }

  /** Reads blocks into its memory. */
  boolean read(int block, int count) throws Exception {
    return succeeds("virtio read %x %x %x".formatted(line.buffer(), block, count), "read");
  }

  /** Writes what it has read to another place. */
  boolean write(int block, int count) throws Exception {
    return succeeds("virtio write %x %x %x".formatted(line.buffer(), block, count), "written");
  }

  private boolean succeeds(String command, String done) throws Exception {
    List<String> printed = prompt.run(command);
    assertThat(printed).anyMatch(each -> each.contains("blocks " + done));
    return printed.stream().anyMatch(each -> each.contains("blocks " + done + ": OK"));
  }

  /** CRC-32 of what it has read. */
  long checksum(int bytes) throws Exception {
    List<String> printed = prompt.run("crc32 %x %x".formatted(line.buffer(), bytes));
    return printed.stream()
        .map(CRC::matcher)
        .filter(Matcher::find)
        .map(found -> Long.parseLong(found.group(1), 16))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no checksum in " + printed));
  }

  FrontEndTrace trace() {
    return trace;
  }

  void quit() throws Exception {
    control.run("quit");
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("QEMU ended").isTrue();
    assertThat(process.exitValue()).as(output.tail()).isZero();
  }

  @Override
  public void close() {
    Children.end(process);
  }
}
