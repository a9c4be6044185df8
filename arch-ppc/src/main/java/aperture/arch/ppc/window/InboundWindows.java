package aperture.arch.ppc.window;

import aperture.iommu.Registers;
import java.util.ArrayList;
import java.util.List;

/** The windows as the registers say; read anew when one was written. Safe from any thread. */
final class InboundWindows {

  private final Registers registers;
  private volatile Known known;

  /** A window that is enabled. */
  static final class Window {
    final int number;
    final long attributes;
    final long bus;
    final long memory;
    final int shift;
    final boolean local;

    Window(int number, long attributes, long bus, long memory) {
      this.number = number;
      this.attributes = attributes;
      this.shift = InboundLayout.shift(attributes);
      this.local = InboundLayout.isLocal(attributes);
      this.bus = bus & -(1L << shift);
      this.memory = memory & -(1L << shift);
    }

    boolean contains(long address) {
      return (address ^ bus) >>> shift == 0;
    }

    long size() {
      return 1L << shift;
    }
  }

  private static final class Known {
    final int generation;
    final Window[] windows;

    Known(int generation, List<Window> windows) {
      this.generation = generation;
      this.windows = windows.toArray(Window[]::new);
    }
  }

  InboundWindows(Registers registers) {
    this.registers = registers;
    this.known = read();
  }

  /** The windows that are enabled and have a size that can be, lowest number first. */
  Window[] now() {
    Known current = known;
    if (current.generation != registers.generation()) {
      current = read();
      known = current;
    }
    return current.windows;
  }

  private Known read() {
    // Before the values: a write in between is noticed at the next look.
    int generation = registers.generation();
    List<Window> windows = new ArrayList<>();
    for (int i = 0; i < InboundLayout.WINDOWS; i++) {
      long attributes = registers.get(InboundLayout.attributes(i));
      int shift = InboundLayout.shift(attributes);
      if (InboundLayout.isEnabled(attributes)
          && shift >= InboundLayout.SMALLEST_SHIFT
          && shift <= InboundLayout.LARGEST_SHIFT) {
        windows.add(
            new Window(
                i,
                attributes,
                InboundLayout.address(registers.get(InboundLayout.base(i))),
                InboundLayout.address(registers.get(InboundLayout.target(i)))));
      }
    }
    return new Known(generation, windows);
  }
}
