package aperture.console.thread;

import java.util.List;

/**
 * A row before it is carried out.
 *
 * @param row its name
 * @param title what it is about
 * @param claims what was said about it
 * @param steps what to try
 * @param note which settings give whose outcome, and what else there is to know
 */
record Plan(String row, String title, List<Claim> claims, List<Step> steps, String note) {

  Plan {
    claims = List.copyOf(claims);
    steps = List.copyOf(steps);
  }
}
