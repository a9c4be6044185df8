package aperture.console.complete;

import aperture.console.line.Command;
import aperture.console.line.CommandTable;
import java.util.List;
import java.util.Optional;
import org.jline.builtins.Completers.FileNameCompleter;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/** Completes the platform's commands, and leaves all others to the shell's own completer. */
final class LineCompleter implements Completer {

  private final Candidates candidates;
  private final Completer others;
  private final Completer files = new FileNameCompleter();

  LineCompleter(Candidates candidates, Completer others) {
    this.candidates = candidates;
    this.others = others;
  }

  /** The completer behind those that earlier starts of this bundle left. */
  static Completer innermost(Completer completer) {
    return completer instanceof LineCompleter ours ? innermost(ours.others) : completer;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> found) {
    Optional<Command> command = line.wordIndex() == 0 ? Optional.empty() : command(line);
    if (command.isEmpty()) {
      others.complete(reader, line, found);
      return;
    }
    String word = line.word().substring(0, line.wordCursor());
    Optional<List<Candidates.Word>> words =
        candidates.at(command.get(), line.words().subList(1, line.wordIndex()), word);
    if (words.isEmpty()) {
      files.complete(reader, line, found);
      return;
    }
    for (Candidates.Word choice : words.get()) {
      found.add(
          new Candidate(
              choice.value(),
              choice.value(),
              null,
              choice.description().isEmpty() ? null : choice.description(),
              null,
              null,
              true));
    }
  }

  private static Optional<Command> command(ParsedLine line) {
    String name = line.words().getFirst();
    return CommandTable.all().stream().filter(c -> c.name().equals(name)).findFirst();
  }
}
