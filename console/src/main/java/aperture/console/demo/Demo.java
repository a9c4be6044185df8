package aperture.console.demo;

import aperture.admin.ControlException;
import aperture.admin.MachineType;
import aperture.console.command.Outcome;
import aperture.console.control.Controls;
import aperture.console.format.Listing;
import aperture.console.format.Marks;
import aperture.dma.PlatformDma;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** The guided run. */
public final class Demo {

  private final Controls controls;
  private final BundleContext context;
  private final Prober prober;
  private final Narrator narrator;

  /**
   * @param out where it is told
   */
  public Demo(Controls controls, BundleContext context, PlatformDma dma, PrintStream out) {
    this.controls = controls;
    this.context = context;
    this.prober = new Prober(dma);
    this.narrator = new Narrator(out, Marks.forOutput());
  }

  Controls controls() {
    return controls;
  }

  BundleContext context() {
    return context;
  }

  Prober prober() {
    return prober;
  }

  Narrator narrator() {
    return narrator;
  }

  /**
   * Runs on every architecture present.
   *
   * @param file the image; absent for one made of the distribution's own files
   */
  public Outcome run(Optional<Path> file) throws ControlException, InterruptedException {
    List<MachineType> types = controls.machines().types();
    List<DemoType> chosen = DemoType.forEachArchitecture(types);
    if (chosen.isEmpty()) {
      throw ControlException.failed(
          "no machine type with an IOMMU: no architecture bundle is active; arch:list shows them");
    }
    DemoImage image = file.isPresent() ? DemoImage.of(file.get()) : DemoImage.of(jars());
    narrator.heading(
        "Image: %s, %s with padding, SHA-256 %s"
            .formatted(
                file.map(Path::toString)
                    .orElse("the distribution's %d jars".formatted(image.sources().size())),
                Narrator.mebibytes(image.size()),
                image.sha256()));
    List<DemoRow> rows = new ArrayList<>();
    try (DemoFolder folder = DemoFolder.create()) {
      for (DemoType type : chosen) {
        rows.add(new DemoMachine(this, type, image, folder.path()).run());
      }
    }
    narrator.heading("Proof");
    List<String> failed = rows.stream().filter(row -> !row.held()).map(DemoRow::arch).toList();
    return new Outcome(
        Listing.of(rows, ""),
        failed.isEmpty() ? "" : "the demo did not hold on " + String.join(", ", failed));
  }

  /** The jars that the framework was assembled from. */
  private List<Path> jars() throws ControlException {
    List<Path> jars =
        Arrays.stream(context.getBundles())
            .map(Bundle::getLocation)
            .filter(location -> location.startsWith("file:"))
            .flatMap(location -> file(location).stream())
            .distinct()
            .sorted()
            .toList();
    if (jars.isEmpty()) {
      throw ControlException.usage(
          "no bundle's jar is at hand to make an image of; give --image F");
    }
    return jars;
  }

  private static Optional<Path> file(String location) {
    try {
      return Optional.of(Path.of(URI.create(location))).filter(Files::isRegularFile);
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // not every location is the address of a file
    }
  }
}
