package aperture.testkit;

import aperture.dma.CoherentBuffer;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Lets a test step in before each access that a driver half makes to its rings. */
public final class SteppedBuffer {

  /** One access: the method of {@link GuestBuffer} and its index. */
  public record Access(String method, long index) {

    public boolean isStore() {
      return method.startsWith("put") || method.startsWith("store") || method.equals("write");
    }
  }

  private SteppedBuffer() {}

  /** Puts {@code step} before each access to coherent buffers that a driver face hands out. */
  public static UnaryOperator<DriverDma> before(Consumer<Access> step) {
    return dma ->
        proxy(
            DriverDma.class,
            (self, method, args) -> {
              Object result = call(dma, method, args);
              return result instanceof CoherentBuffer buffer
                  ? new CoherentBuffer(stepped(buffer.memory(), step), buffer.address())
                  : result;
            });
  }

  private static GuestBuffer stepped(GuestBuffer buffer, Consumer<Access> step) {
    return proxy(
        GuestBuffer.class,
        (self, method, args) -> {
          if (args != null) {
            step.accept(new Access(method.getName(), (long) args[0]));
          }
          return call(buffer, method, args);
        });
  }

  private static Object call(Object target, java.lang.reflect.Method method, Object[] args)
      throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
