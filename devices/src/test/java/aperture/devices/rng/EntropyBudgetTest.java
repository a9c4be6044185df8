package aperture.devices.rng;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EntropyBudgetTest {

  private static final long PERIOD = 1_000;

  private long now;
  private long waits;

  private EntropyBudget budget(long bytes, long period) {
    return new EntropyBudget(bytes, period, () -> now, this::pass);
  }

  private void pass(long nanos) {
    assertThat(nanos).isPositive();
    waits++;
    now += nanos;
  }

  @Test
  void a_period_gives_its_bytes_and_the_next_one_again() {
    EntropyBudget budget = budget(100, PERIOD);
    assertThat(budget.take(70)).isEqualTo(70);
    assertThat(budget.take(70)).isEqualTo(30);
    assertThat(waits).isZero();
    assertThat(budget.take(70)).isEqualTo(70);
    assertThat(now).as("waited for the next period").isEqualTo(PERIOD);
  }

  @Test
  void nothing_is_saved_up() {
    EntropyBudget budget = budget(100, PERIOD);
    now += 50 * PERIOD;
    assertThat(budget.take(1000)).isEqualTo(100);
    assertThat(budget.take(1000)).isEqualTo(100);
    assertThat(now).isEqualTo(51 * PERIOD);
  }

  @Test
  void a_long_period_lends_one_byte_after_the_longest_wait_and_takes_it_back() {
    long period = 10 * EntropyBudget.LONGEST_WAIT;
    EntropyBudget budget = budget(5, period);
    assertThat(budget.take(5)).isEqualTo(5);
    assertThat(budget.take(5)).isEqualTo(1);
    assertThat(now).isEqualTo(EntropyBudget.LONGEST_WAIT);
    assertThat(budget.take(5)).isEqualTo(1);
    now = period;
    assertThat(budget.take(5)).as("two bytes were borrowed").isEqualTo(3);
  }

  @Test
  void without_a_limit_nothing_waits() {
    EntropyBudget budget = budget(RngOptions.UNLIMITED, PERIOD);
    for (int i = 0; i < 1000; i++) {
      now += PERIOD;
      assertThat(budget.take(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }
    assertThat(waits).isZero();
  }
}
