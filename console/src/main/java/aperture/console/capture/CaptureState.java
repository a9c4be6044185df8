package aperture.console.capture;

import static aperture.console.capture.CaptureNumbers.hex;

import aperture.admin.ControlException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuSnapshot;
import aperture.memory.MemoryRange;
import jakarta.json.stream.JsonParser.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@code capture.json} says, gathered field by field. */
final class CaptureState {

  String kind = "";
  String machine = "";
  final Map<String, Long> registers = new HashMap<>();
  final List<Endpoint> endpoints = new ArrayList<>();
  final List<MemoryRange> ram = new ArrayList<>();
  final List<Long> pages = new ArrayList<>();
  final List<IommuSnapshot.Table> tables = new ArrayList<>();

  private final JsonCursor json;
  private final Set<Long> pagesSeen = new HashSet<>();
  private final Set<String> endpointsSeen = new HashSet<>();
  private int entries;

  private CaptureState(JsonCursor json) {
    this.json = json;
  }

  static CaptureState read(JsonCursor json) throws ControlException {
    CaptureState state = new CaptureState(json);
    state.document();
    return state;
  }

  private void document() throws ControlException {
    json.expect(Event.START_OBJECT, "the document");
    Set<String> seen = new HashSet<>();
    for (String field = json.fieldOrEnd(); !field.isEmpty(); field = json.fieldOrEnd()) {
      once(seen, field, "field", CaptureLimits.FIELDS);
      switch (field) {
        case "format" -> format();
        case "iommu" -> kind = json.text("iommu");
        case "machine" -> machine = json.text("machine");
        case "registers" -> registers();
        case "endpoints" -> list("endpoints", CaptureLimits.ENDPOINTS, this::endpoint);
        case "ram" -> list("ram", CaptureLimits.RANGES, this::range);
        case "pages" -> list("pages", CaptureLimits.PAGES, this::page);
        case "tables" -> list("tables", CaptureLimits.TABLES, this::table);
        default -> json.skip();
      }
    }
    json.expectEnd();
    for (String needed : List.of("format", "iommu", "endpoints", "ram")) {
      if (!seen.contains(needed)) {
        throw json.problem("field '%s' is missing".formatted(needed));
      }
    }
    if (kind.isEmpty()) {
      throw json.problem("field 'iommu' is empty");
    }
  }

  private void format() throws ControlException {
    String format = json.text("format");
    if (!format.equals(CaptureFormat.VERSION)) {
      throw json.problem(
          "format '%s' is not '%s'".formatted(JsonCursor.brief(format), CaptureFormat.VERSION));
    }
  }

  private void registers() throws ControlException {
    json.expect(Event.START_OBJECT, "registers");
    Set<String> seen = new HashSet<>();
    for (String name = json.fieldOrEnd(); !name.isEmpty(); name = json.fieldOrEnd()) {
      once(seen, name, "register", CaptureLimits.REGISTERS);
      registers.put(name, json.number("register " + name));
    }
  }

  private void endpoint(Event opened) throws ControlException {
    opened(opened, "an endpoint");
    String id = "";
    long requester = -1;
    Map<String, String> attributes = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (String field = json.fieldOrEnd(); !field.isEmpty(); field = json.fieldOrEnd()) {
      once(seen, field, "field", CaptureLimits.FIELDS);
      switch (field) {
        case "id" -> id = json.text("id");
        case "requester_id" -> requester = json.number("requester_id", Integer.MAX_VALUE);
        case CaptureFormat.WINDOWS -> {
          List<String> windows = windows();
          if (!windows.isEmpty()) {
            attributes.put(field, String.join(",", windows));
          }
        }
        default -> {
          String value = json.scalar(field);
          if (!value.isEmpty()) {
            attributes.put(field, value);
          }
        }
      }
    }
    if (id.isEmpty() || requester < 0) {
      throw json.problem(
          "an endpoint has no field '%s'".formatted(id.isEmpty() ? "id" : "requester_id"));
    }
    once(endpointsSeen, id, "endpoint", CaptureLimits.ENDPOINTS);
    endpoints.add(new Endpoint(endpoints.size(), id, (int) requester, attributes));
  }

  private List<String> windows() throws ControlException {
    List<String> windows = new ArrayList<>();
    list("windows", CaptureLimits.FIELDS, e -> windows.add(hex(json.currentNumber("a window"))));
    return windows;
  }

  private void range(Event opened) throws ControlException {
    opened(opened, "a ram range");
    long gpa = 0;
    long size = 0;
    Set<String> seen = new HashSet<>();
    for (String field = json.fieldOrEnd(); !field.isEmpty(); field = json.fieldOrEnd()) {
      once(seen, field, "field", CaptureLimits.FIELDS);
      switch (field) {
        case "gpa" -> gpa = json.number("gpa");
        case "size" -> size = json.number("size");
        default -> json.skip();
      }
    }
    if (!seen.contains("gpa") || !seen.contains("size")) {
      throw json.problem("a ram range needs the fields 'gpa' and 'size'");
    }
    if (size <= 0 || Long.compareUnsigned(gpa + (size - 1), gpa) < 0) {
      throw json.problem(
          "the ram range at %s of %s bytes is empty or wraps".formatted(hex(gpa), hex(size)));
    }
    ram.add(new MemoryRange(gpa, size));
  }

  private void page(Event value) throws ControlException {
    long gpa = json.currentNumber("a page");
    if (gpa % CaptureFormat.PAGE_SIZE != 0) {
      throw json.problem("page %s is not a multiple of 4096".formatted(hex(gpa)));
    }
    if (!pagesSeen.add(gpa)) {
      throw json.problem("page %s appears twice".formatted(hex(gpa)));
    }
    pages.add(gpa);
  }

  private void table(Event opened) throws ControlException {
    opened(opened, "a table");
    long id = 0;
    long size = 0;
    Map<String, Long> attributes = new HashMap<>();
    Map<Long, Long> set = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (String field = json.fieldOrEnd(); !field.isEmpty(); field = json.fieldOrEnd()) {
      once(seen, field, "field", CaptureLimits.FIELDS);
      switch (field) {
        case "liobn" -> id = json.number("liobn");
        case "entries" -> size = json.number("entries", Integer.MAX_VALUE);
        case "tces" -> entries(set);
        default -> attributes.put(field, json.number(field));
      }
    }
    for (String needed : List.of("liobn", "bus_offset", "page_shift", "entries")) {
      if (!seen.contains(needed)) {
        throw json.problem("a table has no field '%s'".formatted(needed));
      }
    }
    long shift = attributes.getOrDefault("page_shift", 0L);
    if (shift < 0 || shift > 63) {
      throw json.problem("page_shift %s is out of range (0 to 63)".formatted(hex(shift)));
    }
    for (long index : set.keySet()) {
      if (index >= size) {
        throw json.problem(
            "table %s: index %d is outside its %d entries".formatted(hex(id), index, size));
      }
    }
    long wanted = id;
    if (tables.stream().anyMatch(other -> other.id() == wanted)) {
      throw json.problem("table %s appears twice".formatted(hex(id)));
    }
    tables.add(new IommuSnapshot.Table(id, attributes, size, set));
  }

  private void entries(Map<Long, Long> set) throws ControlException {
    json.expect(Event.START_OBJECT, "tces");
    for (String name = json.fieldOrEnd(); !name.isEmpty(); name = json.fieldOrEnd()) {
      long index;
      try {
        index = CaptureNumbers.parse(name);
      } catch (NumberFormatException e) {
        throw json.problem("index '%s' is no number".formatted(JsonCursor.brief(name)));
      }
      if (index < 0 || ++entries > CaptureLimits.ENTRIES) {
        throw json.problem(
            index < 0
                ? "index '%s' is out of range".formatted(JsonCursor.brief(name))
                : "more than %d table entries".formatted(CaptureLimits.ENTRIES));
      }
      if (set.put(index, json.number("entry " + name)) != null) {
        throw json.problem("entry %d appears twice".formatted(index));
      }
    }
  }

  private interface Element {
    void read(Event first) throws ControlException;
  }

  private void list(String what, int most, Element element) throws ControlException {
    json.expect(Event.START_ARRAY, what);
    int count = 0;
    for (Event event = json.next(); event != Event.END_ARRAY; event = json.next()) {
      if (++count > most) {
        throw json.problem("more than %d %s".formatted(most, what));
      }
      element.read(event);
    }
  }

  private void opened(Event event, String what) throws ControlException {
    if (event != Event.START_OBJECT) {
      throw json.problem(what + " must be an object");
    }
  }

  private void once(Set<String> seen, String name, String what, int most) throws ControlException {
    if (!seen.add(name)) {
      throw json.problem("%s '%s' appears twice".formatted(what, JsonCursor.brief(name)));
    }
    if (seen.size() > most) {
      throw json.problem("more than %d of '%s'".formatted(most, what));
    }
  }
}
