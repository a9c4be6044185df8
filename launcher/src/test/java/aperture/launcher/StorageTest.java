package aperture.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import aperture.launcher.outcome.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The storage of a run")
class StorageTest {
  @TempDir Path folder;

  @Test
  @DisplayName("is gone with the run when it is temporary, files and all")
  void temporaryIsDeleted() throws IOException {
    Storage storage = Storage.temporary();
    Path file = storage.framework().resolve("deep").resolve("file");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "x");
    storage.close();
    assertThat(storage.framework().getParent()).doesNotExist();
    storage.close(); // a second time is no error
  }

  @Test
  @DisplayName("stays when it is named, and keeps the history with it")
  void persistentStays() {
    Path data = folder.resolve("new").resolve("data");
    try (Storage storage = Storage.persistent(data)) {
      assertThat(storage.history()).isEqualTo(data.resolve("history"));
    }
    assertThat(data).isDirectory();
  }

  @Test
  @DisplayName("belongs to one at a time, and the second is told to whom")
  void persistentIsLocked() {
    try (Storage first = Storage.persistent(folder)) {
      assertThat(first.framework().getParent()).isEqualTo(folder);
      assertThatExceptionOfType(Failure.class)
          .isThrownBy(() -> Storage.persistent(folder))
          .withMessage("--data %s is in use by process %d", folder, ProcessHandle.current().pid())
          .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(4));
    }
    Storage.persistent(folder).close();
  }

  @Test
  @DisplayName("cannot be a file")
  void refusesAFile() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> Storage.persistent(file))
        .withMessageEndingWith("is not a folder")
        .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(2));
  }
}
