package aperture.arch.ppc.window;

import aperture.iommu.Registers;
import org.jspecify.annotations.Nullable;

/** The windows as the registers say; read anew when one was written. Safe from any thread. */
final class InboundWindows {

  private final Registers registers;
  private volatile Known known;

  /** A window that is enabled, and those of higher numbers after it. */
  static final class Window {
    final @Nullable Window next;
    final int number;
    final long attributes;
    final long bus;
    final long memory;
    final int shift;
    final long size;
    final boolean local;

    Window(int number, long attributes, long bus, long memory, @Nullable Window next) {
      this.next = next;
      this.number = number;
      this.attributes = attributes;
      this.shift = InboundLayout.shift(attributes);
      this.size = 1L << shift;
      this.local = InboundLayout.isLocal(attributes);
      this.bus = bus & -size;
      this.memory = memory & -size;
    }

    boolean contains(long address) {
      return (address ^ bus) >>> shift == 0;
    }
  }

  private static final class Known {
    final int generation;
    final @Nullable Window first;

    Known(int generation, @Nullable Window first) {
      this.generation = generation;
      this.first = first;
    }
  }

  InboundWindows(Registers registers) {
    this.registers = registers;
    this.known = read();
  }

  /** The windows that are enabled and have a size that can be, lowest number first. */
  @Nullable Window first() {
    Known current = known;
    if (current.generation != registers.generation()) {
      current = read();
      known = current;
    }
    return current.first;
  }

  private Known read() {
    // Before the values: a write in between is noticed at the next look.
    int generation = registers.generation();
    Window first = null;
    for (int i = InboundLayout.WINDOWS - 1; i >= 0; i--) {
      long attributes = registers.get(InboundLayout.attributes(i));
      int shift = InboundLayout.shift(attributes);
      if (InboundLayout.isEnabled(attributes)
          && shift >= InboundLayout.SMALLEST_SHIFT
          && shift <= InboundLayout.LARGEST_SHIFT) {
        first =
            new Window(
                i,
                attributes,
                InboundLayout.address(registers.get(InboundLayout.base(i))),
                InboundLayout.address(registers.get(InboundLayout.target(i))),
                first);
      }
    }
    return new Known(generation, first);
  }
}
