package aperture.console.thread;

import aperture.admin.ControlException;
import java.util.List;

/** Something to carry out. */
@FunctionalInterface
interface Step {

  /**
   * Carries it out.
   *
   * @param stage where what it makes lives, and ends with it
   */
  List<Done> run(Stage stage) throws ControlException, InterruptedException;
}
