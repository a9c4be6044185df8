package aperture.console.line;

/**
 * A place on the command line.
 *
 * @param name as help shows it
 * @param words what it may be
 * @param required whether it must be given
 * @param repeated whether more may follow; only the last argument may be
 */
public record Argument(String name, Words words, boolean required, boolean repeated) {

  String synopsis() {
    String text = repeated ? name + "..." : name;
    return required ? text : "[" + text + "]";
  }
}
