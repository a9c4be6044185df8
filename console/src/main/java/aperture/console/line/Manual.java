package aperture.console.line;

import java.util.stream.Collectors;

/** The reference page of all commands, written from the table. */
public final class Manual {

  private Manual() {}

  /** Markdown: a heading for each scope, an entry for each command. */
  public static String markdown() {
    StringBuilder page = new StringBuilder("# Commands\n");
    String scope = "";
    for (Command command : CommandTable.all()) {
      if (!command.scope().equals(scope)) {
        scope = command.scope();
        page.append("\n## ").append(scope).append(":\n");
      }
      page.append("\n### ").append(command.name()).append("\n\n");
      page.append(capital(command.summary())).append(".\n\n");
      page.append("    ").append(command.synopsis()).append("\n\n");
      page.append("Example: `").append(command.example()).append("`\n");
      if (!command.options().isEmpty()) {
        page.append(
            command.options().stream()
                .map(option -> "- `%s`: %s%n".formatted(option.synopsis(), option.description()))
                .collect(Collectors.joining("", "\n", "")));
      }
    }
    return page.toString();
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
