package aperture.console.thread;

import aperture.admin.ControlException;
import aperture.console.command.Outcome;
import aperture.console.control.Controls;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Carries out every row and scenario. */
public final class ThreadRun {

  private final Controls controls;
  private final Relief relief;
  private final BiConsumer<Integer, Integer> progress;

  /**
   * @param progress is told how many of how many rows are done
   */
  public ThreadRun(Controls controls, Relief relief, BiConsumer<Integer, Integer> progress) {
    this.controls = controls;
    this.relief = relief;
    this.progress = progress;
  }

  /** All rows; what they made is gone again. */
  public List<ThreadRow> rows() throws ControlException, InterruptedException {
    List<Plan> plans = new ArrayList<>(Rows.all());
    plans.addAll(Scenarios.all());
    List<ThreadRow> rows = new ArrayList<>();
    try (Stage stage = new Stage(controls, relief)) {
      for (Plan plan : plans) {
        rows.add(row(plan, stage));
        progress.accept(rows.size(), plans.size());
      }
    }
    return rows;
  }

  private static ThreadRow row(Plan plan, Stage stage)
      throws ControlException, InterruptedException {
    List<Done> done = new ArrayList<>();
    for (Step step : plan.steps()) {
      done.addAll(step.run(stage));
    }
    List<ThreadCase> cases = done.stream().map(Done::shown).toList();
    List<String> absent =
        cases.stream().filter(ThreadCase::isAbsent).map(ThreadCase::reason).distinct().toList();
    return new ThreadRow(
        plan.row(),
        plan.title(),
        plan.claims(),
        cases,
        done.stream().allMatch(Done::held),
        absent.isEmpty()
            ? plan.note()
            : "NOT ALL WAS TRIED: %s. %s".formatted(String.join("; ", absent), plan.note()));
  }

  /**
   * The rows as a command's result, which fails where a claim did not come true, or where something
   * could not be tried.
   *
   * @param json whether they are for a JSON document
   */
  public static Outcome outcome(List<ThreadRow> rows, boolean json) {
    Object shown = json ? rows : ThreadText.of(rows);
    List<String> wrong =
        names(rows.stream().filter(r -> !r.agrees() && !r.isIncomplete()).toList());
    List<String> incomplete = names(rows.stream().filter(ThreadRow::isIncomplete).toList());
    if (!wrong.isEmpty()) {
      return new Outcome(
          shown,
          "%d of %d rows did not come out as claimed: %s"
              .formatted(wrong.size(), rows.size(), String.join(", ", wrong)));
    }
    return incomplete.isEmpty()
        ? new Outcome(shown, "")
        : new Outcome(
            shown,
            "%d of %d rows could not be tried in full: %s; driver:kinds and machine:types show what is there"
                .formatted(incomplete.size(), rows.size(), String.join(", ", incomplete)),
            ControlException.Kind.CAPABILITY_MISSING);
  }

  private static List<String> names(List<ThreadRow> rows) {
    return rows.stream().map(ThreadRow::row).toList();
  }
}
