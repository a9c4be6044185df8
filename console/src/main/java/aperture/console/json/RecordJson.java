package aperture.console.json;

import aperture.console.format.Fields;
import aperture.console.format.Values;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import jakarta.json.spi.JsonProvider;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON. Field names are component names; what is absent is {@code null}, so that a
 * record always has the same fields. Addresses and raw values are strings in hexadecimal (a JSON
 * number keeps only 53 bits everywhere), times are seconds, enum constants are words.
 */
public final class RecordJson {

  private final JsonProvider json = JsonLibrary.provider();

  private RecordJson() {}

  /** The document of a record, or of a list of records. */
  public static String text(Object value) {
    return new RecordJson().value("", value).toString();
  }

  private JsonValue value(String name, @Nullable Object value) {
    return switch (value) {
      case null -> JsonValue.NULL;
      case Optional<?> optional ->
          optional.isPresent() ? value(name, optional.get()) : JsonValue.NULL;
      case OptionalLong optional ->
          optional.isPresent() ? value(name, optional.getAsLong()) : JsonValue.NULL;
      case Boolean truth -> truth ? JsonValue.TRUE : JsonValue.FALSE;
      case Long number when Fields.isHex(name, number) ->
          json.createValue("0x" + Long.toHexString(number));
      case Long number -> json.createValue(number);
      case Integer number -> json.createValue(number);
      case Double number -> json.createValue(BigDecimal.valueOf(number));
      case Enum<?> constant -> json.createValue(Values.word(constant));
      case Duration time -> json.createValue(seconds(time));
      case Collection<?> many -> array(name, many);
      case Map<?, ?> map -> object(map);
      case Record record -> object(record);
      default -> json.createValue(value.toString());
    };
  }

  private static BigDecimal seconds(Duration time) {
    BigDecimal seconds = BigDecimal.valueOf(time.toNanos(), 9).stripTrailingZeros();
    return seconds.scale() < 0 ? seconds.setScale(0) : seconds; // 10, not 1E+1
  }

  private JsonValue array(String name, Collection<?> many) {
    JsonArrayBuilder array = json.createArrayBuilder();
    many.forEach(element -> array.add(value(name, element)));
    return array.build();
  }

  private JsonValue object(Map<?, ?> map) {
    JsonObjectBuilder object = json.createObjectBuilder();
    map.entrySet().stream()
        .sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()))
        .forEach(entry ->
            object.add(
                entry.getKey().toString(), value(entry.getKey().toString(), entry.getValue())));
    return object.build();
  }

  private JsonValue object(Record record) {
    JsonObjectBuilder object = json.createObjectBuilder();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      object.add(component.getName(), value(component.getName(), Fields.get(component, record)));
    }
    return object.build();
  }
}
