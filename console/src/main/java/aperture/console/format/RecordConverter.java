package aperture.console.format;

import java.util.Collection;
import org.apache.felix.service.command.Converter;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;

/** Shows every record of the platform in the shell; leaves everything else to others. */
@Component(service = Converter.class)
public final class RecordConverter implements Converter {

  /** A record given where a command expects a name means its name. */
  @Override
  public @Nullable Object convert(Class<?> desiredType, Object in) {
    return desiredType == String.class && Fields.isOurs(in) ? Values.part(in) : null;
  }

  @Override
  public @Nullable CharSequence format(@Nullable Object target, int level, Converter escape) {
    if (target instanceof Listing<?> listing && listing.isEmpty()) {
      return level == INSPECT ? listing.empty() + "\n" : "";
    }
    if (target instanceof Collection<?> rows && ofOneRecord(rows)) {
      return switch (level) {
        case INSPECT -> RecordText.table(rows);
        default -> String.join(", ", rows.stream().map(Values::part).toList());
      };
    }
    if (target == null || !Fields.isOurs(target)) {
      return null;
    }
    return switch (level) {
      case INSPECT -> RecordText.page(target);
      case LINE -> RecordText.line(target);
      default -> Values.part(target);
    };
  }

  private static boolean ofOneRecord(Collection<?> rows) {
    if (rows.isEmpty()) {
      return false;
    }
    Object first = rows.iterator().next();
    return Fields.isOurs(first)
        && rows.stream().allMatch(row -> row != null && row.getClass() == first.getClass());
  }
}
