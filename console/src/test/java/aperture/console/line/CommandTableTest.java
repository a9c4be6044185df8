package aperture.console.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import aperture.console.ApertureCommands;
import aperture.console.ArchCommands;
import aperture.console.DeviceCommands;
import aperture.console.DmaCommands;
import aperture.console.DriverCommands;
import aperture.console.MachineCommands;
import aperture.console.PolicyCommands;
import aperture.console.ServeCommand;
import aperture.console.VhostCommands;
import aperture.console.WaitCommand;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.felix.service.command.Descriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table, the methods and what is registered say the same. */
class CommandTableTest {

  private static final List<Class<?>> SCOPES =
      List.of(
          ArchCommands.class,
          MachineCommands.class,
          DeviceCommands.class,
          DriverCommands.class,
          WaitCommand.class,
          DmaCommands.class,
          PolicyCommands.class,
          VhostCommands.class,
          ServeCommand.class,
          ApertureCommands.class);

  static List<Command> commands() {
    return CommandTable.all();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theExampleIsALineThatTheParserTakes(Command command) {
    List<String> words = List.of(command.example().split(" ", -1));

    assertThat(words.getFirst()).isEqualTo(command.name());
    assertThatCode(() ->
            LineParser.parse(
                command,
                words.subList(1, words.size()),
                command.open() ? List.of(Option.of("file", "F", Words.FILE, "image")) : List.of()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void thePageShowsEveryOption(Command command) {
    assertThat(command.page()).contains(command.example(), command.summary(), "--help");
    command.options().forEach(option -> assertThat(command.page()).contains("--" + option.name()));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theStockHelpSaysTheSame(Command command) {
    Method method =
        SCOPES.stream()
            .filter(type -> scope(type).equals(command.scope()))
            .flatMap(type -> Arrays.stream(type.getMethods()))
            .filter(m -> m.getName().equals(command.verb()))
            .filter(m -> m.isAnnotationPresent(Descriptor.class))
            .findFirst()
            .orElseThrow();

    assertThat(method.getAnnotation(Descriptor.class).value()).isEqualTo(command.descriptor());
    for (Option option : command.options()) {
      assertThat(method.getParameters()[1].getAnnotation(Descriptor.class).value())
          .contains("--" + option.name());
    }
  }

  @Test
  void everyCommandIsRegisteredAndNoOther() throws Exception {
    TreeSet<String> registered = new TreeSet<>();
    for (Class<?> type : SCOPES) {
      try (InputStream in = type.getResourceAsStream("/OSGI-INF/" + type.getName() + ".xml")) {
        String xml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        String functions =
            find(xml, "osgi.command.function\"[^>]*?(?:value=\"([^\"]*)\"|>([^<]*)<)");
        for (String function : functions.strip().split("\\s+", -1)) {
          registered.add(scope(type) + ":" + function);
        }
      }
    }

    assertThat(registered)
        .containsExactlyInAnyOrderElementsOf(commands().stream().map(Command::name).toList());
  }

  private static String find(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
  }

  private static String scope(Class<?> type) {
    return type == WaitCommand.class
        ? "driver"
        : type == ServeCommand.class
            ? "aperture"
            : type.getSimpleName().replace("Commands", "").toLowerCase(Locale.ROOT);
  }

  @Test
  void theManualHasEveryCommand() {
    assertThat(commands())
        .allSatisfy(command ->
            assertThat(Manual.markdown()).contains("### " + command.name(), command.example()));
  }
}
