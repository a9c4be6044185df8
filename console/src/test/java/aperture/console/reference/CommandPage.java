package aperture.console.reference;

import aperture.console.line.Command;
import aperture.console.line.CommandTable;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of {@code docs/commands}: an introduction, and for each command a part that is written
 * from the table, between two marks, followed by what a person writes about it.
 */
final class CommandPage {

  /** A line that was typed at the prompt, in an example. */
  static final String PROMPT = "aperture> ";

  private static final String START = "<!-- written from the table: ";
  private static final String END = "<!-- end -->\n";
  private static final Pattern PART =
      Pattern.compile(
          "%1$s(?<name>\\S+) -->\n.*?%2$s(?<after>.*?)(?=%1$s|\\z)"
              .formatted(Pattern.quote(START), Pattern.quote(END)),
          Pattern.DOTALL);

  private final String scope;
  private final String introduction;
  private final Map<String, String> after = new LinkedHashMap<>();

  private CommandPage(String scope, String introduction) {
    this.scope = scope;
    this.introduction = introduction;
  }

  /** Reads what people wrote on a page. */
  static CommandPage read(String scope, String text) {
    int first = text.indexOf(START);
    var page = new CommandPage(scope, first < 0 ? text : text.substring(0, first));
    Matcher part = PART.matcher(text);
    while (part.find()) {
      page.after.put(part.group("name"), part.group("after"));
    }
    return page;
  }

  /** The commands that belong on the page, in order. */
  List<Command> commands() {
    return CommandTable.all().stream().filter(c -> c.scope().equals(scope)).toList();
  }

  /** What a person wrote after the part of a command. */
  String after(Command command) {
    return after.getOrDefault(command.name(), "");
  }

  /** The page as it should be. */
  String text() {
    StringBuilder text = new StringBuilder(introduction);
    CommandBlock block = new CommandBlock(new HashMap<>());
    for (Command command : commands()) {
      String mine = after(command);
      text.append(START).append(command.name()).append(" -->\n");
      text.append(block.of(command)).append(END).append(mine.isEmpty() ? "\n" : mine);
    }
    return text.toString();
  }
}
