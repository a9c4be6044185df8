package aperture.console.qmp;

import aperture.admin.ControlException;
import aperture.iommu.MappedRegister;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The machine that a QEMU runs. */
public final class QemuMachine {

  /** A machine type's class, as QEMU names it. */
  private static final Pattern CLASS = Pattern.compile("([A-Za-z0-9._-]{1,64})-machine");

  /** A line of the monitor's memory dump: an address, one value. */
  private static final Pattern DUMP = Pattern.compile("([0-9a-f]{1,16}): 0x([0-9a-f]{1,16})");

  private final Qmp qmp;

  public QemuMachine(Qmp qmp) {
    this.qmp = qmp;
  }

  /** QEMU's version. */
  public String version() throws ControlException {
    JsonValue answer = qmp.run("query-version");
    if (answer instanceof JsonObject object && object.get("qemu") instanceof JsonObject version) {
      return Qmp.brief(
          "%s.%s.%s".formatted(version.get("major"), version.get("minor"), version.get("micro")));
    }
    throw qmp.problem("has no version: " + Qmp.brief(answer));
  }

  /** The machine type, with its version where it has one. */
  public String type() throws ControlException {
    JsonValue answer = qmp.run("qom-get", Map.of("path", "/machine", "property", "type"));
    if (answer instanceof JsonString name) {
      Matcher type = CLASS.matcher(name.getString());
      if (type.matches()) {
        return type.group(1);
      }
    }
    throw qmp.problem("runs no machine that has a name: " + Qmp.brief(answer));
  }

  /** Whether the guest's processors run. */
  public boolean running() throws ControlException {
    JsonValue answer = qmp.run("query-status");
    if (answer instanceof JsonObject status) {
      JsonValue running = status.get("running");
      if (JsonValue.TRUE.equals(running) || JsonValue.FALSE.equals(running)) {
        return JsonValue.TRUE.equals(running);
      }
    }
    throw qmp.problem("does not say whether its guest runs: " + Qmp.brief(answer));
  }

  /** Reads a register as the guest's processors would. */
  public long read(MappedRegister register) throws ControlException {
    String command =
        "xp /1x%s 0x%x".formatted(register.bytes() == Long.BYTES ? "g" : "w", register.gpa());
    JsonValue answer = qmp.run("human-monitor-command", Map.of("command-line", command));
    if (answer instanceof JsonString text) {
      Matcher dump = DUMP.matcher(text.getString().strip());
      if (dump.matches()
          && Long.parseUnsignedLong(dump.group(1), 16) == register.gpa()
          && dump.group(2).length() <= 2 * register.bytes()) {
        return Long.parseUnsignedLong(dump.group(2), 16);
      }
    }
    throw qmp.problem(
        "has no register %s at 0x%x: %s"
            .formatted(register.name(), register.gpa(), Qmp.brief(answer).strip()));
  }
}
