package aperture.console.qmp;

import aperture.console.json.JsonLibrary;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * QEMU's control socket, answering as QEMU 7.2 with one disk at 02:00.0, behind a bridge, does;
 * whatever it is told to say otherwise it says, byte for byte.
 */
public final class FakeQemu implements AutoCloseable {

  /** In place of an answer: the connection ends. */
  public static final String HANG_UP = "hang up";

  /** In place of an answer: nothing is said. */
  public static final String SILENCE = "silence";

  private static final String GREETING =
      "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}},"
          + " \"capabilities\": [\"oob\"]}}";
  private static final String EVENT =
      "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"STOP\"}\n";

  private final ServerSocketChannel listening;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Map<String, String> instead = new ConcurrentHashMap<>();
  private final Map<String, String> properties = new LinkedHashMap<>();
  private volatile String greeting = GREETING;

  public FakeQemu(Path socket, Path disk) throws IOException {
    listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(socket));
    properties.put("/machine type", "\"toy-1-machine\"");
    properties.put("/chardevs/c0 addr", "{\"type\": \"unix\", \"path\": \"%s\"}".formatted(disk));
    properties.put("/machine/peripheral-anon/device[1] chardev", "\"c0\"");
    properties.put("/machine/peripheral-anon/device[1] addr", "0");
    properties.put(
        "/machine/peripheral-anon/device[1] parent_bus", "\"/machine/peripheral/rp0/rp0\"");
    Thread.ofPlatform().daemon().name("fake QEMU").start(this::run);
  }

  /** Names of the commands so far. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  /** How often a command was asked. */
  public long asked(String command) {
    return asked.stream().filter(command::equals).count();
  }

  /** Answers a command otherwise from now on. */
  public void instead(String command, String answer) {
    instead.put(command, answer);
  }

  public void greet(String line) {
    greeting = line;
  }

  /** What QEMU's object says, as JSON. */
  public void property(String path, String name, String value) {
    properties.put(path + " " + name, value);
  }

  private void run() {
    try {
      while (true) {
        try (SocketChannel channel = listening.accept()) {
          serve(channel);
        } catch (IOException e) {
          if (!listening.isOpen()) {
            return;
          }
        }
      }
    } finally {
      close();
    }
  }

  private void serve(SocketChannel channel) throws IOException {
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    say(channel, greeting);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonObject command;
      try (JsonReader reader = JsonLibrary.provider().createReader(new StringReader(line))) {
        command = reader.readObject();
      }
      String name = command.getString("execute");
      asked.add(name);
      String answer = instead.getOrDefault(name, "");
      if (answer.equals(HANG_UP)) {
        return;
      }
      if (!answer.equals(SILENCE)) {
        say(channel, answer.isEmpty() ? usual(name, command.getJsonObject("arguments")) : answer);
      }
    }
  }

  private static void say(SocketChannel channel, String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      int ignored = channel.write(bytes);
    }
  }

  private String usual(String name, JsonObject arguments) {
    return switch (name) {
      case "qmp_capabilities", "cont" -> returned("{}");
      case "stop" -> EVENT + returned("{}");
      case "query-version" ->
          returned("{\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, \"package\": \"\"}");
      case "query-status" -> returned("{\"status\": \"running\", \"running\": true}");
      case "query-chardev" ->
          returned(
              "[{\"frontend-open\": true, \"filename\": \"unix:\", \"label\": \"c0\"}, {\"label\":"
                  + " \"compat_monitor0\", \"filename\": \"unix:/tmp/qmp,server=on\"}]");
      case "qom-list" ->
          arguments.getString("path").endsWith("anon")
              ? returned(
                  "[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"device[1]\", \"type\":"
                      + " \"child<vhost-user-blk-pci>\"}]")
              : returned("[{\"name\": \"rp0\", \"type\": \"child<pcie-root-port>\"}]");
      case "qom-get" -> property(arguments.getString("path"), arguments.getString("property"));
      case "query-pci" ->
          returned(
              "[{\"bus\": 0, \"devices\": [{\"bus\": 0, \"qdev_id\": \"rp0\", \"slot\": 1,"
                  + " \"pci_bridge\": {\"bus\": {\"number\": 0, \"secondary\": 2, \"subordinate\":"
                  + " 2}, \"devices\": []}}]}]");
      case "human-monitor-command" -> memory(arguments.getString("command-line"));
      default -> refused("The command " + name + " has not been found");
    };
  }

  private String property(String path, String name) {
    String value = properties.get(path + " " + name);
    return value == null
        ? refused("Property '" + path + "." + name + "' not found")
        : returned(value);
  }

  private static String memory(String line) {
    String[] words = line.split(" ", -1);
    long address = Long.decode(words[2]);
    return returned(
        words[1].endsWith("g")
            ? "\"%016x: 0x%016x\\r\\n\"".formatted(address, 0x9000)
            : "\"%016x: 0x%08x\\r\\n\"".formatted(address, 0xc400_0000L));
  }

  private static String returned(String value) {
    return "{\"return\": " + value + "}";
  }

  /** An answer that refuses. */
  public static String refused(String why) {
    return "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" + why + "\"}}";
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
