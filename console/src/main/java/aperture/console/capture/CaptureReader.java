package aperture.console.capture;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import aperture.admin.ReplayQuestion;
import aperture.iommu.IommuSnapshot;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads a capture folder. */
public final class CaptureReader {

  private CaptureReader() {}

  /**
   * Reads the folder.
   *
   * @throws ControlException with one line that names the file, the line and what is wrong; of kind
   *     usage when there is no such folder
   */
  public static Capture read(Path folder) throws ControlException {
    requireFolder(folder);
    CaptureState state = state(folder.resolve(CaptureFormat.STATE_FILE));
    IommuSnapshot snapshot =
        new IommuSnapshot(
            state.kind,
            state.machine,
            state.registers,
            state.endpoints,
            state.ram,
            pages(folder.resolve(CaptureFormat.PAGES_FILE), state.pages),
            state.tables);
    return new Capture(
        name(folder), snapshot, answers(folder.resolve(CaptureFormat.ANSWERS_FILE), snapshot));
  }

  /** The name of a capture: its folder's. */
  public static String name(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? folder.toString() : name.toString();
  }

  /**
   * Checks that there is a folder.
   *
   * @throws ControlException of kind usage, with the nearest name beside it
   */
  public static void requireFolder(Path folder) throws ControlException {
    if (Files.isDirectory(folder)) {
      return;
    }
    if (Files.exists(folder)) {
      throw ControlException.usage(folder + " is a file, not a capture folder");
    }
    throw ControlException.usage(
        "no such capture folder: %s%s".formatted(folder, neighbour(folder)));
  }

  private static String neighbour(Path folder) {
    Path parent = folder.toAbsolutePath().normalize().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return "";
    }
    try (Stream<Path> names = Files.list(parent)) {
      List<String> folders =
          names.filter(Files::isDirectory).map(CaptureReader::name).limit(1024).toList();
      return Nearest.to(name(folder), folders)
          .map(near -> "; did you mean '%s'?".formatted(near))
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private static CaptureState state(Path file) throws ControlException {
    requireFile(file);
    try (Reader text =
            new InputStreamReader(
                new BufferedInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8);
        JsonCursor json = new JsonCursor(text, file.toString(), 1)) {
      long size = Files.size(file);
      if (size > CaptureLimits.STATE_BYTES) {
        throw ControlException.failed(
            "%s, line 1: %d bytes are more than the %d allowed"
                .formatted(file, size, CaptureLimits.STATE_BYTES));
      }
      return CaptureState.read(json);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static List<IommuSnapshot.Page> pages(Path file, List<Long> addresses)
      throws ControlException {
    List<IommuSnapshot.Page> pages = new ArrayList<>(addresses.size());
    if (addresses.isEmpty() && !Files.exists(file)) {
      return pages;
    }
    requireFile(file);
    try (InputStream bytes = Files.newInputStream(file)) {
      long size = Files.size(file);
      long expected = (long) addresses.size() * CaptureFormat.PAGE_SIZE;
      if (size != expected) {
        throw ControlException.failed(
            "%s: %d bytes, but %s lists %d pages, that is %d bytes"
                .formatted(file, size, CaptureFormat.STATE_FILE, addresses.size(), expected));
      }
      for (long gpa : addresses) {
        byte[] page = bytes.readNBytes(CaptureFormat.PAGE_SIZE);
        if (page.length != CaptureFormat.PAGE_SIZE) {
          throw ControlException.failed("%s: page 0x%x is cut off".formatted(file, gpa));
        }
        pages.add(new IommuSnapshot.Page(gpa, page));
      }
      return pages;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static List<ReplayQuestion> answers(Path file, IommuSnapshot snapshot)
      throws ControlException {
    requireFile(file);
    try (InputStream bytes = Files.newInputStream(file)) {
      return new CaptureAnswers(file.toString(), snapshot.endpoints()).read(bytes);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static void requireFile(Path file) throws ControlException {
    if (!Files.isRegularFile(file)) {
      throw ControlException.failed(
          Files.exists(file) ? file + " is not a file" : file + " is missing");
    }
  }

  private static ControlException unreadable(Path file, IOException e) {
    return new ControlException(
        ControlException.Kind.FAILED, "%s: cannot be read: %s".formatted(file, e.getMessage()), e);
  }
}
