package aperture.console;

/**
 * A command in the list of commands.
 *
 * @param command its name
 * @param summary one line
 * @param example one complete line to type
 */
public record CommandLine(String command, String summary, String example) {}
