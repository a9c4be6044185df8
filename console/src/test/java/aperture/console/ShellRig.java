package aperture.console;

import aperture.console.control.Controls;
import aperture.console.control.FakeControls;
import aperture.console.format.RecordConverter;
import jakarta.json.Json;
import jakarta.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.BundleContext;

/** A real shell over fake services. */
final class ShellRig implements AutoCloseable {

  final FakeControls controls = new FakeControls();
  private final Controls used;
  private final ThreadIOImpl io = new ThreadIOImpl();
  private final CommandProcessorImpl processor = new CommandProcessorImpl(io);
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final CommandSession session;

  ShellRig(Path folder) {
    this(folder, Optional.empty());
  }

  /** Over other services than fakes, perhaps. */
  ShellRig(Path folder, Optional<Controls> real) {
    used = real.orElse(controls);
    io.start();
    processor.addConverter(new RecordConverter());
    for (Object commands : commands()) {
      String scope = scope(commands);
      Arrays.stream(commands.getClass().getMethods())
          .filter(method -> method.isAnnotationPresent(Descriptor.class))
          .forEach(method -> processor.addCommand(scope, commands, method.getName()));
    }
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    session = processor.createSession(new ByteArrayInputStream(new byte[0]), out, out);
    session.currentDir(folder);
  }

  private List<Object> commands() {
    return List.of(
        new MachineCommands(used),
        new DeviceCommands(used),
        new DriverCommands(used),
        new WaitCommand(used),
        new DmaCommands(used),
        new PolicyCommands(used, emptyFramework()),
        new VhostCommands(used),
        new ServeCommand(used));
  }

  private static BundleContext emptyFramework() {
    return (BundleContext)
        Proxy.newProxyInstance(
            ShellRig.class.getClassLoader(),
            new Class<?>[] {BundleContext.class},
            (proxy, method, arguments) -> {
              throw new UnsupportedOperationException(method.getName());
            });
  }

  private static String scope(Object commands) {
    String name = commands.getClass().getSimpleName();
    return name.equals("WaitCommand")
        ? "driver"
        : name.equals("ServeCommand")
            ? "aperture"
            : name.substring(0, name.indexOf("Commands")).toLowerCase(java.util.Locale.ROOT);
  }

  /** Runs lines and returns what a person sees of the last. */
  String run(String... lines) throws Exception {
    String text = "";
    for (String line : lines) {
      printed.reset();
      Object result = session.execute(line);
      text =
          printed.toString(StandardCharsets.UTF_8)
              + (result == null ? "" : session.format(result, Converter.INSPECT));
    }
    return text;
  }

  /** Runs lines and reads the last one's JSON document; anything beside it is an error. */
  JsonValue json(String... lines) throws Exception {
    String text = run(lines);
    try (var reader = Json.createReader(new StringReader(text))) {
      JsonValue value = reader.readValue();
      if (!text.strip().equals(value.toString())) {
        throw new AssertionError("more than one document: " + text);
      }
      return value;
    }
  }

  /** What was printed before a failure. */
  String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    session.close();
    processor.stop();
    io.stop();
  }
}
