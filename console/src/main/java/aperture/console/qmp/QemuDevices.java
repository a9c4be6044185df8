package aperture.console.qmp;

import aperture.admin.ControlException;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds the PCI device behind whose driver a back end's socket is: the character device that is
 * connected to it, and the device that names this one.
 */
public final class QemuDevices {

  private static final String CHARDEVS = "/chardevs/";
  private static final List<String> FOLDERS =
      List.of("/machine/peripheral/", "/machine/peripheral-anon/");

  /** A question for each: as many as any machine has. */
  private static final int MOST = 1024;

  private final Qmp qmp;

  public QemuDevices(Qmp qmp) {
    this.qmp = qmp;
  }

  /**
   * Finds it.
   *
   * @param socket path on which the back end listens
   * @throws ControlException when there is none, or more than one
   */
  public PciAddress servedBy(Path socket) throws ControlException {
    List<String> found = new ArrayList<>();
    for (String chardev : chardevs(socket)) {
      for (String folder : FOLDERS) {
        for (String device : children(folder)) {
          if (qmp.text(folder + device, "chardev").equals(chardev)) {
            found.add(folder + device);
          }
        }
      }
    }
    if (found.size() != 1) {
      throw qmp.problem(
          "has %s whose chardev leads to %s; --endpoint BB:SS.F says which it is"
              .formatted(found.isEmpty() ? "no device" : found.size() + " devices", socket));
    }
    return new QemuBuses(qmp).address(found.getFirst());
  }

  /** Labels of the character devices that are connected to the socket. */
  private List<String> chardevs(Path socket) throws ControlException {
    List<String> labels = new ArrayList<>();
    if (qmp.run("query-chardev") instanceof JsonArray all) {
      for (JsonValue each : all.subList(0, Math.min(MOST, all.size()))) {
        if (each instanceof JsonObject chardev
            && chardev.get("label") instanceof JsonString label
            && chardev.get("filename") instanceof JsonString file
            && leads(file.getString(), label.getString(), socket)) {
          labels.add(label.getString());
        }
      }
    }
    return labels;
  }

  /** The file name of a connected client is its own end's, which has none: its address is asked. */
  private boolean leads(String file, String label, Path socket) throws ControlException {
    String scheme = "unix:";
    int at = file.indexOf(scheme);
    if (at < 0) {
      return false;
    }
    String path = file.substring(at + scheme.length()).split(",", 2)[0];
    if (path.isEmpty()) {
      JsonValue address = qmp.property(CHARDEVS + label, "addr");
      path =
          address instanceof JsonObject parts && parts.get("path") instanceof JsonString text
              ? text.getString()
              : "";
    }
    return !path.isEmpty() && same(path, socket);
  }

  /** QEMU's working folder is not known: a relative path is the socket's end. */
  private static boolean same(String path, Path socket) {
    try {
      Path theirs = Path.of(path).normalize();
      Path ours = socket.toAbsolutePath().normalize();
      return theirs.isAbsolute() ? theirs.equals(ours) : ours.endsWith(theirs);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private List<String> children(String folder) throws ControlException {
    List<String> names = new ArrayList<>();
    JsonValue answer =
        qmp.maybe("qom-list", Map.of("path", folder.substring(0, folder.length() - 1)))
            .orElse(JsonValue.NULL);
    if (answer instanceof JsonArray all) {
      for (JsonValue each : all.subList(0, Math.min(MOST, all.size()))) {
        if (each instanceof JsonObject property
            && property.get("name") instanceof JsonString name
            && property.get("type") instanceof JsonString type
            && type.getString().startsWith("child<")) {
          names.add(name.getString());
        }
      }
    }
    return names;
  }
}
