package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A process that has ended.
 *
 * @param out standard output
 * @param err standard error
 * @param status exit status
 */
record Result(String out, String err, int status) {

  /** It ended with this status; what it printed is in the message when it did not. */
  Result expect(int expected) {
    assertThat(status).as("status of%n%s%n%s", out, err).isEqualTo(expected);
    return this;
  }
}
