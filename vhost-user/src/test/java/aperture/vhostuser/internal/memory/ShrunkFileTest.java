package aperture.vhostuser.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.memory.GuestMemory;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.MemoryFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer that takes its memory back: an error that is caught, and a JVM that goes on. */
class ShrunkFileTest {

  private static final int SIZE = 1 << 20;

  /** Enough for the second compiler, whose code handles the fault in another way. */
  private static final int HOT = 50_000;

  private final long before = Fd.open();
  private final RegionTable table = new RegionTable();
  private Fd file;
  private GuestMemory memory;

  @TempDir Path folder;

  /** The ways in which guest memory is reached. */
  enum Access {
    READ {
      @Override
      void to(GuestMemory memory, long offset) {
        value = memory.getLe64(offset);
      }
    },
    WRITE {
      @Override
      void to(GuestMemory memory, long offset) {
        memory.putLe64(offset, 1);
      }
    },
    LOAD_ACQUIRE {
      @Override
      void to(GuestMemory memory, long offset) {
        value = memory.loadAcquire16(offset);
      }
    },
    STORE_RELEASE {
      @Override
      void to(GuestMemory memory, long offset) {
        memory.storeRelease16(offset, (short) 1);
      }
    },
    COPY_OUT {
      @Override
      void to(GuestMemory memory, long offset) {
        memory.read(offset, PIECE, 0, PIECE.length);
      }
    },
    COPY_IN {
      @Override
      void to(GuestMemory memory, long offset) {
        memory.write(offset, PIECE, 0, PIECE.length);
      }
    },
    FILL {
      @Override
      void to(GuestMemory memory, long offset) {
        memory.fill(offset, PIECE.length, (byte) 3);
      }
    };

    private static final byte[] PIECE = new byte[512];

    /** Read by nobody; keeps the compiler from leaving the access out. */
    static volatile long value;

    abstract void to(GuestMemory memory, long offset);
  }

  @BeforeEach
  void map() throws IOException {
    file = MemoryFile.create("guest", SIZE);
    table.add(new Region(0, SIZE, 1L << 40, 0, file));
    memory = table.mapped();
  }

  @AfterEach
  void nothingLeaks() {
    memory.close();
    table.close();
    assertThat(Fd.open()).isEqualTo(before);
  }

  /**
   * The error arrives at the latest when the thread next enters the JVM, which compiled code may
   * not do before it has left the block that caught it.
   */
  @SuppressWarnings("ThreadPriorityCheck") // yields to enter the JVM, not for the scheduler
  private boolean survives(Access access, long offset) {
    try {
      access.to(memory, offset);
      Thread.yield();
      return true;
    } catch (InternalError e) {
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource(Access.class)
  void anAccessToWhatIsGoneIsAnErrorAndTheNextOneIsNot(Access access) throws IOException {
    assertThat(survives(access, SIZE - 4096)).isTrue();
    MemoryFile.resize(file, SIZE / 2);
    for (int i = 0; i < 3; i++) {
      assertThat(survives(access, SIZE - 4096)).as("beyond the end").isFalse();
      assertThat(survives(access, 0)).as("before the end").isTrue();
    }
    MemoryFile.resize(file, SIZE);
    assertThat(survives(access, SIZE - 4096)).as("grown again").isTrue();
  }

  @ParameterizedTest
  @EnumSource(Access.class)
  void compiledCodeSurvivesAsWell(Access access) throws IOException {
    for (int i = 0; i < HOT; i++) {
      assertThat(survives(access, (i * 8L) % (SIZE / 4))).isTrue();
    }
    MemoryFile.resize(file, 0);
    for (int i = 0; i < 100; i++) {
      assertThat(survives(access, i * 4096L)).isFalse();
    }
  }

  @Test
  void aChannelThatReadsIntoWhatIsGoneFails() throws IOException {
    Path disk = Files.write(folder.resolve("disk"), new byte[8192]);
    List<ByteBuffer> windows = memory.newWindows();
    MemoryFile.resize(file, SIZE / 2);
    try (FileChannel channel =
        FileChannel.open(disk, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer gone = GuestMemory.window(windows, SIZE - 4096, 4096);
      assertThatThrownBy(() -> channel.read(gone, 0))
          .isInstanceOf(IOException.class)
          .hasMessage("Bad address");
      assertThatThrownBy(() -> channel.write(gone, 0)).isInstanceOf(IOException.class);
      ByteBuffer there = GuestMemory.window(windows, 0, 4096);
      assertThat(channel.read(there, 0)).isEqualTo(4096);
    }
  }

  @Test
  void aFileThatShrankBeforeItIsMappedCostsNoMoreThanAccesses() throws IOException {
    MemoryFile.resize(file, 0);
    try (GuestMemory again = table.mapped()) {
      assertThatThrownBy(() -> again.get8(0)).isInstanceOf(InternalError.class);
    }
  }
}
