package aperture.console.complete;

import aperture.console.control.Controls;
import org.jline.reader.impl.LineReaderImpl;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Puts our completer in front of a line reader's own. Called by the script of this bundle that the
 * shell's profile reads; the underscore hides it from completion.
 */
@Component(
    service = CompletionCommand.class,
    property = {"osgi.command.scope=aperture", "osgi.command.function=_completion"})
public final class CompletionCommand {

  private final Candidates candidates;

  @Activate
  public CompletionCommand(@Reference Controls controls, BundleContext context) {
    this.candidates = new Candidates(controls, context);
  }

  /** Takes what the shell calls its reader; one of another make keeps its own completion. */
  @SuppressWarnings("checkstyle:MethodName")
  public void _completion(Object reader) {
    if (reader instanceof LineReaderImpl editor) {
      editor.setCompleter(
          new LineCompleter(candidates, LineCompleter.innermost(editor.getCompleter())));
    }
  }
}
