package aperture.dma;

import java.util.List;
import java.util.Optional;

/**
 * What a range means, for people.
 *
 * @param iova first byte asked for
 * @param length bytes asked for
 * @param ranges what it means, in order
 * @param steps every structure read by the walks
 * @param fault present when not all of it translates
 */
public record TranslationReport(
    long iova, long length, List<Range> ranges, List<Step> steps, Optional<DmaFault> fault) {

  public TranslationReport {
    ranges = List.copyOf(ranges);
    steps = List.copyOf(steps);
  }

  /**
   * A translated piece.
   *
   * @param iova first byte of the piece
   * @param gpa guest-physical address that it means
   * @param length bytes
   * @param permission what is allowed there: {@code r}, {@code w} or {@code rw}
   */
  public record Range(long iova, long gpa, long length, String permission) {}

  /**
   * One structure read.
   *
   * @param iova the walk's input
   * @param structure name
   * @param address where the entry lies
   * @param value raw value
   * @param fields decoded fields, for people
   */
  public record Step(long iova, String structure, long address, long value, String fields) {}
}
