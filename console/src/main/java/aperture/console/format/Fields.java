package aperture.console.format;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/** Reads records without knowing them. */
public final class Fields {

  private static final String OURS = "aperture.";

  private Fields() {}

  /** Whether it is a record of the platform. */
  public static boolean isOurs(@Nullable Object value) {
    return value instanceof Record && value.getClass().getName().startsWith(OURS);
  }

  /** A component's value. */
  public static @Nullable Object get(RecordComponent component, Object record) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(record.getClass() + " hides " + component.getName(), e);
    }
  }

  /** Whether a number of this name is an address, a mask or a raw value: written in hexadecimal. */
  public static boolean isHex(String name, @Nullable Object value) {
    return value instanceof Long
        && switch (name) {
          case "iova", "gpa", "address", "value", "structureAddress", "structureValue" -> true;
          default -> false;
        };
  }
}
