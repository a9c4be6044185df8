package aperture.console.capture;

import static aperture.console.capture.CaptureNumbers.hex;

import aperture.admin.ControlException;
import aperture.admin.ReplayQuestion;
import aperture.console.json.JsonLibrary;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuSnapshot;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Writes a capture folder that {@link CaptureReader} reads back as it was. */
public final class CaptureWriter {

  private CaptureWriter() {}

  /**
   * Checks, before any work is done, that a folder can take a capture: it is new or empty.
   *
   * @throws ControlException of kind usage
   */
  public static void requireFree(Path folder) throws ControlException {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw ControlException.usage(folder + " is a file; a capture is a folder");
    }
    try (DirectoryStream<Path> names = Files.newDirectoryStream(folder)) {
      if (names.iterator().hasNext()) {
        throw ControlException.usage(folder + " is not empty; a capture needs a folder of its own");
      }
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  /**
   * Writes state and answers, all or nothing: beside the folder, which then takes its name.
   *
   * @param oracle who gave the answers
   * @param provenance where the state is from, by name
   */
  public static void write(
      Path folder, Capture capture, String oracle, Map<String, String> provenance)
      throws ControlException {
    requireFree(folder);
    Path target = folder.toAbsolutePath().normalize();
    Path beside = target.resolveSibling("." + CaptureReader.name(folder) + "-" + UUID.randomUUID());
    try {
      Files.createDirectories(beside);
      try {
        pages(beside.resolve(CaptureFormat.PAGES_FILE), capture.snapshot());
        answers(beside.resolve(CaptureFormat.ANSWERS_FILE), capture);
        state(beside.resolve(CaptureFormat.STATE_FILE), capture.snapshot(), oracle, provenance);
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException | RuntimeException e) {
        remove(beside, e);
        throw e;
      }
    } catch (IOException | UncheckedIOException | JsonException e) {
      throw unwritable(folder, e);
    }
  }

  private static void remove(Path folder, Exception why) {
    try {
      for (String file :
          List.of(CaptureFormat.PAGES_FILE, CaptureFormat.ANSWERS_FILE, CaptureFormat.STATE_FILE)) {
        Files.deleteIfExists(folder.resolve(file));
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  private static ControlException unwritable(Path folder, Exception e) {
    return new ControlException(
        ControlException.Kind.FAILED,
        "%s: cannot be written: %s".formatted(folder, e.getMessage()),
        e);
  }

  private static void pages(Path file, IommuSnapshot snapshot) throws IOException {
    try (OutputStream bytes = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (IommuSnapshot.Page page : snapshot.pages()) {
        bytes.write(page.bytes());
      }
    }
  }

  private static void answers(Path file, Capture capture) throws IOException {
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      for (ReplayQuestion question : capture.questions()) {
        var line =
            JsonLibrary.provider()
                .createObjectBuilder()
                .add("endpoint", question.endpoint())
                .add("iova", hex(question.iova()))
                .add("access", question.access() == Access.READ ? "R" : "W")
                .add("ok", question.gpa().isPresent());
        question.gpa().ifPresent(gpa -> line.add("gpa", hex(gpa)));
        lines.write(line.build().toString());
        lines.write('\n');
      }
    }
  }

  private static void state(
      Path file, IommuSnapshot snapshot, String oracle, Map<String, String> provenance)
      throws IOException {
    try (Writer text = Files.newBufferedWriter(file);
        JsonGenerator json =
            JsonLibrary.provider()
                .createGeneratorFactory(Map.of(JsonGenerator.PRETTY_PRINTING, true))
                .createGenerator(text)) {
      json.writeStartObject()
          .write("format", CaptureFormat.VERSION)
          .write("iommu", snapshot.kind())
          .write("machine", snapshot.machine())
          .write("oracle", oracle);
      json.writeStartObject("provenance");
      new TreeMap<>(provenance).forEach(json::write);
      json.writeEnd();
      json.writeStartObject("registers");
      new TreeMap<>(snapshot.registers()).forEach((name, value) -> json.write(name, hex(value)));
      json.writeEnd();
      json.writeStartArray("endpoints");
      snapshot.endpoints().forEach(endpoint -> endpoint(json, endpoint));
      json.writeEnd();
      json.writeStartArray("ram");
      snapshot
          .ram()
          .forEach(range ->
              json.writeStartObject()
                  .write("gpa", hex(range.base()))
                  .write("size", hex(range.size()))
                  .writeEnd());
      json.writeEnd();
      json.writeStartArray("pages");
      snapshot.pages().forEach(page -> json.write(hex(page.gpa())));
      json.writeEnd();
      json.writeStartArray("tables");
      snapshot.tables().forEach(table -> table(json, table));
      json.writeEnd().writeEnd();
    }
  }

  private static void endpoint(JsonGenerator json, Endpoint endpoint) {
    json.writeStartObject()
        .write("id", endpoint.id())
        .write("requester_id", "0x%04x".formatted(endpoint.requesterId()));
    new TreeMap<>(endpoint.attributes())
        .forEach((name, value) -> {
          if (name.equals(CaptureFormat.WINDOWS)) {
            json.writeStartArray(name);
            for (String window : value.split(",", -1)) {
              json.write(window.strip());
            }
            json.writeEnd();
          } else {
            json.write(name, value);
          }
        });
    json.writeEnd();
  }

  private static void table(JsonGenerator json, IommuSnapshot.Table table) {
    json.writeStartObject().write("liobn", hex(table.id()));
    new TreeMap<>(table.attributes()).forEach((name, value) -> json.write(name, hex(value)));
    json.write("entries", table.entryCount()).writeStartObject("tces");
    new TreeMap<>(table.entries())
        .forEach((index, value) -> json.write(Long.toString(index), hex(value)));
    json.writeEnd().writeEnd();
  }
}
