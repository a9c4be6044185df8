package aperture.vhostuser.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FdTest {

  @Test
  void closingTwiceIsClosingOnce() throws IOException {
    long before = Fd.open();
    Fd fd = MemoryFile.create("once", 1);
    assertThat(Fd.open()).isEqualTo(before + 1);

    fd.close();
    fd.close();

    assertThat(Fd.open()).isEqualTo(before);
    assertThat(fd.isOpen()).isFalse();
    assertThatThrownBy(fd::size).isInstanceOf(IOException.class).hasMessageEndingWith("is closed");
  }

  @Test
  void aCallUnderWayKeepsTheDescriptorFromBeingReused() throws IOException {
    long before = Fd.open();
    Fd fd = MemoryFile.create("kept", 1);
    int number = fd.enter();
    fd.close();

    assertThat(Fd.open()).as("still open for the call").isEqualTo(before + 1);
    assertThatThrownBy(fd::enter).isInstanceOf(IOException.class);
    try (Fd other = MemoryFile.create("other", 1)) {
      int otherNumber = other.enter();
      other.leave();
      assertThat(otherNumber).isNotEqualTo(number);
    }

    fd.leave();
    assertThat(Fd.open()).isEqualTo(before);
  }

  @Test
  void aFileTellsItsSizeAndMappingUnit() throws IOException {
    try (Fd fd = MemoryFile.create("sized", 12_345)) {
      assertThat(fd.size()).isEqualTo(12_345);
      assertThat(fd.mappingUnit()).isEqualTo(Mapping.pageSize());
      MemoryFile.resize(fd, 0);
      assertThat(fd.size()).isZero();
    }
  }

  @Test
  void aFileOfFixedSizeStaysAsItIs() throws IOException {
    try (Fd fd = MemoryFile.createFixed("fixed", 4096)) {
      assertThatThrownBy(() -> MemoryFile.resize(fd, 0))
          .isInstanceOf(SyscallException.class)
          .hasMessage("ftruncate to 0: Operation not permitted");
      assertThatThrownBy(() -> MemoryFile.resize(fd, 8192)).isInstanceOf(SyscallException.class);
      assertThat(fd.size()).isEqualTo(4096);
    }
  }

  @Test
  void aFailedCallLeavesNothingOpen() {
    long before = Fd.open();
    assertThatThrownBy(() -> MemoryFile.create("negative", -1))
        .isInstanceOfSatisfying(
            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    assertThat(Fd.open()).isEqualTo(before);
  }
}
