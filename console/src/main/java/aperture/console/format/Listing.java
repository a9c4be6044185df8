package aperture.console.format;

import java.util.AbstractList;
import java.util.List;

/**
 * A command's rows; it knows what to say when there are none.
 *
 * @param <T> the record of a row
 */
public final class Listing<T> extends AbstractList<T> {

  private final List<T> rows;
  private final String empty;

  private Listing(List<T> rows, String empty) {
    this.rows = rows;
    this.empty = empty;
  }

  /**
   * @param empty why there may be no rows, and the command to type next
   */
  public static <T> Listing<T> of(List<T> rows, String empty) {
    return new Listing<>(List.copyOf(rows), empty);
  }

  String empty() {
    return empty;
  }

  @Override
  public T get(int index) {
    return rows.get(index);
  }

  @Override
  public int size() {
    return rows.size();
  }
}
