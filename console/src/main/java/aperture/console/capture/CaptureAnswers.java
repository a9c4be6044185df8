package aperture.console.capture;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import aperture.admin.ReplayQuestion;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import jakarta.json.stream.JsonParser.Event;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Reads {@code truth.jsonl}: one question and its recorded answer on each line. */
final class CaptureAnswers {

  private final String file;
  private final Map<String, String> endpoints = new HashMap<>();
  private final List<ReplayQuestion> questions = new ArrayList<>();

  CaptureAnswers(String file, List<Endpoint> known) {
    this.file = file;
    known.forEach(endpoint -> endpoints.put(endpoint.id(), endpoint.id()));
  }

  List<ReplayQuestion> read(InputStream bytes) throws IOException, ControlException {
    BoundedLines lines = new BoundedLines(bytes, CaptureLimits.LINE_BYTES, file);
    while (lines.next()) {
      if (!lines.text().isBlank()) {
        if (questions.size() == CaptureLimits.ANSWERS) {
          throw lines.problem("more than %d answers".formatted(CaptureLimits.ANSWERS));
        }
        try (JsonCursor json =
            new JsonCursor(new StringReader(lines.text()), file, lines.number())) {
          questions.add(question(json));
        }
      }
    }
    return questions;
  }

  private ReplayQuestion question(JsonCursor json) throws ControlException {
    String endpoint = "";
    long iova = 0;
    String access = "";
    boolean ok = false;
    OptionalLong gpa = OptionalLong.empty();
    Map<String, Boolean> seen = new HashMap<>();
    json.expect(Event.START_OBJECT, "the line");
    for (String field = json.fieldOrEnd(); !field.isEmpty(); field = json.fieldOrEnd()) {
      if (seen.put(field, true) != null) {
        throw json.problem("field '%s' appears twice".formatted(JsonCursor.brief(field)));
      }
      switch (field) {
        case "endpoint" -> endpoint = json.text("endpoint");
        case "iova" -> iova = json.number("iova");
        case "access" -> access = json.text("access");
        case "ok" -> ok = json.truth("ok");
        case "gpa" -> gpa = OptionalLong.of(json.number("gpa"));
        default -> json.skip();
      }
    }
    json.expectEnd();
    for (String needed : List.of("endpoint", "iova", "access", "ok")) {
      if (!seen.containsKey(needed)) {
        throw json.problem("field '%s' is missing".formatted(needed));
      }
    }
    if (ok != gpa.isPresent()) {
      throw json.problem(
          ok ? "ok is true, but there is no gpa" : "ok is false, but there is a gpa");
    }
    return new ReplayQuestion(known(json, endpoint), iova, access(json, access), gpa);
  }

  /** The endpoint's own string, so that a million answers share one. */
  private String known(JsonCursor json, String endpoint) throws ControlException {
    String known = endpoints.get(endpoint);
    if (known == null) {
      throw json.problem(
          Nearest.unknown("endpoint", JsonCursor.brief(endpoint), endpoints.keySet()));
    }
    return known;
  }

  private static Access access(JsonCursor json, String word) throws ControlException {
    return switch (word) {
      case "R" -> Access.READ;
      case "W" -> Access.WRITE;
      default ->
          throw json.problem("access '%s' is neither R nor W".formatted(JsonCursor.brief(word)));
    };
  }
}
