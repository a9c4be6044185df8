package aperture.core.internal.dma;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One step of a hot swap, for flight recordings. */
@Name("aperture.SwapStep")
@Label("Swap Step")
@Category("Aperture")
@StackTrace(false)
final class SwapStepEvent extends Event {

  @Label("Swap")
  long swap;

  @Label("Machine")
  String machine = "";

  @Label("Step")
  String step = "";

  @Label("Duration in Microseconds")
  long micros;

  @Label("Detail")
  String detail = "";

  static void emit(long swap, String machine, String step, long micros, String detail) {
    SwapStepEvent event = new SwapStepEvent();
    if (event.isEnabled()) {
      event.swap = swap;
      event.machine = machine;
      event.step = step;
      event.micros = micros;
      event.detail = detail;
      event.commit();
    }
  }
}
