package aperture.itest.guest;

import jakarta.json.JsonObject;
import java.util.List;

/** What {@code policy:matrix} says of a driver, by trying it in the console's own process. */
final class Foretold {

  private Foretold() {}

  /**
   * Outcomes of the cells that are meant.
   *
   * @param console runs them
   * @param mode path mode
   * @param driver driver kind
   * @param type machine type
   * @param offered whether the device offers bit 33; if so, it refuses whoever does not accept it,
   *     as every QEMU does
   */
  static List<String> outcomes(
      ServingConsole console, String mode, String driver, String type, boolean offered)
      throws Exception {
    String command =
        "policy:matrix --mode %s --driver %s --machine %s %s"
            .formatted(mode, driver, type, offered ? "--offered on --strict on" : "--offered off");
    return console.array(command).getValuesAs(JsonObject.class).stream()
        .map(cell -> cell.getString("outcome"))
        .toList();
  }
}
