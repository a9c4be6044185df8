package aperture.console.command;

import aperture.admin.ControlException;
import aperture.console.json.RecordJson;
import aperture.console.line.Arguments;
import aperture.console.line.Command;
import aperture.console.line.CommandTable;
import aperture.console.line.LineParser;
import aperture.console.line.Option;
import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.jspecify.annotations.Nullable;

/** Runs a command's body: understands its line before, shows its result or failure after. */
public final class Runner {

  /** What a command does. */
  @FunctionalInterface
  public interface Body {

    /**
     * Does it.
     *
     * @return a record, a list of records, a line of text, or an {@link Outcome}
     */
    Object run(Call call) throws ControlException, InterruptedException;
  }

  /** Options that only the line itself tells. */
  @FunctionalInterface
  public interface MoreOptions {
    List<Option> of(List<String> line) throws ControlException;
  }

  private Runner() {}

  /** Runs a command of the table. */
  public static Object run(String name, CommandSession session, @Nullable Object[] line, Body body)
      throws CommandFailure {
    return run(name, session, line, words -> List.of(), body);
  }

  /** Runs a command that takes more options than the table says. */
  public static Object run(
      String name, CommandSession session, @Nullable Object[] line, MoreOptions more, Body body)
      throws CommandFailure {
    Command command = CommandTable.get(name);
    try {
      List<String> words = words(line);
      if (words.contains("--" + Option.HELP.name())) {
        return command.page();
      }
      Arguments arguments = LineParser.parse(command, words, more.of(words));
      Call call = new Call(session, arguments);
      return show(call, Outcome.of(body.run(call)));
    } catch (ControlException e) {
      throw CommandFailure.of(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(name + " was interrupted", 1, e);
    }
  }

  private static List<String> words(@Nullable Object[] line) {
    List<String> words = new ArrayList<>();
    for (Object word : line) {
      words.add(String.valueOf(word)); // the shell turns the word null into nothing
    }
    return words;
  }

  private static Object show(Call call, Outcome outcome) throws ControlException {
    Object shown = call.json() ? RecordJson.text(outcome.result()) : outcome.result();
    if (outcome.failure().isEmpty()) {
      return shown;
    }
    String text = String.valueOf(call.session().format(shown, Converter.INSPECT)).stripTrailing();
    call.out().println(text);
    call.out().flush();
    throw new ControlException(outcome.kind(), outcome.failure());
  }
}
