package lastwords.store.embedded;

import static lastwords.store.SearchBudget.unlimited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lastwords.kernel.KernelMessage;
import lastwords.store.Crashes;
import lastwords.store.Filter;
import lastwords.store.Index;
import lastwords.store.IndexContract;
import lastwords.store.LostWritesException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LuceneIndexTest extends IndexContract {
  @TempDir Path folder;

  @Override
  protected Index open() {
    return LuceneIndex.open(folder);
  }

  @Test
  void aDayIsAFolder() {
    add(message(1, "db1", "oops"));

    assertThat(folder.resolve("messages/2026-11-21")).isDirectory();
    assertThat(folder.resolve("crashes")).isDirectory();
    index.dropBefore(Long.MAX_VALUE);
    assertThat(folder.resolve("messages/2026-11-21")).doesNotExist();
  }

  @Test
  void anotherProcessSeesWhatWasCommitted() {
    try (Index reader = LuceneIndex.openReadOnly(folder)) {
      add(message(1, "db1", "oops"));
      reader.refresh();
      assertThat(reader.messageCount()).isZero();

      index.commit(Map.of("log", "1"));
      reader.refresh();
      assertThat(reader.messageCount()).isEqualTo(1);
      assertThat(reader.notes()).containsEntry("log", "1");

      add(message(2, "db1", "again"));
      index.commit(Map.of("log", "2"));
      reader.refresh();
      assertThat(reader.messages(Filter.ALL, 0, Long.MAX_VALUE, true, null, 10, unlimited()))
          .hasSize(2);

      index.dropBefore(Long.MAX_VALUE);
      reader.refresh();
      assertThat(reader.messageCount()).isZero();
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> reader.add(List.of(message(3, "db1", "no"))))
          .withMessageContaining("reading only");
    }
  }

  @Test
  void aReaderWaitsForAFolderThatIsNotThereYet() {
    Path later = folder.resolve("later");
    try (Index reader = LuceneIndex.openReadOnly(later)) {
      reader.refresh();
      assertThat(reader.messageCount()).isZero();
      assertThat(later).doesNotExist();

      try (Index writer = LuceneIndex.open(later)) {
        writer.add(List.of(message(1, "db1", "oops")));
        writer.commit(Map.of());
      }
      reader.refresh();
      assertThat(reader.messageCount()).isEqualTo(1);
    }
  }

  @Test
  void onlyOneProcessWrites() {
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> LuceneIndex.open(folder))
        .withMessageContaining(folder.toString())
        .withMessageContaining("another process");
  }

  @Test
  void aDamagedDayIsSetAsideAndWrittenAgain() throws IOException {
    add(message(1, "db1", "oops"));
    index.put(List.of(Crashes.at(1)));
    index.commit(Map.of("log", "1"));
    index.close();
    Path day = folder.resolve("messages/2026-11-21");
    try (Stream<Path> files = Files.list(day)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("_0")).toList()) {
        Files.write(file, new byte[] {1, 2, 3});
      }
    }

    index = open();

    assertThat(index.notes()).as("what tells readers to begin anew").isEmpty();
    assertThat(index.messageCount()).isZero();
    assertThat(index.crashes(Filter.ALL, 0, Long.MAX_VALUE, null, 9, unlimited())).isNotEmpty();
    assertThat(folder.resolve("messages/2026-11-21.damaged-1")).isDirectory();
    add(message(1, "db1", "oops"));
    assertThat(index.messageCount()).isEqualTo(1);
    assertThat(index.dropBefore(Long.MAX_VALUE / 2)).isEqualTo(1);
  }

  @Test
  void whatWasNeverCommittedMayBeWrittenAgain() throws IOException {
    add(message(1, "db1", "one"));
    index.commit(Map.of("log", "1"));
    add(message(2, "db1", "two"));
    Path copy = folder.resolve("copy");
    copyCommitted(copy);

    try (Index after = LuceneIndex.open(copy)) {
      assertThat(after.notes()).containsEntry("log", "1");
      after.add(List.of(message(1, "db1", "one"), message(2, "db1", "two")));
      after.refresh();
      assertThat(after.messageCount()).isEqualTo(2);
    }
  }

  @Test
  void afterAFailedWriteItGoesOnFromTheLastCommit() throws IOException {
    index.put(List.of());
    index.commit(Map.of("log", "1"));
    index.add(List.of(message(1, "db1", "one")));
    Path day = folder.resolve("messages/2026-11-21");
    deleteFolder(day);

    assertThatExceptionOfType(LostWritesException.class)
        .isThrownBy(() -> index.commit(Map.of("log", "2")))
        .withMessageContaining(day.toString());

    assertThat(index.notes()).containsEntry("log", "1");
    assertThat(index.messageCount()).isZero();
    add(message(1, "db1", "one"));
    index.commit(Map.of("log", "2"));
    assertThat(index.messageCount()).isEqualTo(1);
    index.close();
    index = open();
    assertThat(index.notes()).containsEntry("log", "2");
    assertThat(index.messageCount()).isEqualTo(1);
  }

  @Test
  void whoWritesLearnsOfWhatWasLostWhenDaysWereDropped() throws IOException {
    long oneDay = 86_400_000_000L;
    KernelMessage old = message(1, "db1", "one");
    add(old);
    index.commit(Map.of("log", "1"));
    index.add(List.of(at(old.receivedAtMicros() + oneDay, message(2, "db1", "two"))));
    deleteFolder(folder.resolve("messages/2026-11-22"));

    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> index.dropBefore(old.receivedAtMicros() + oneDay));

    assertThatExceptionOfType(LostWritesException.class)
        .isThrownBy(() -> index.add(List.of(message(3, "db1", "three"))));
    add(message(3, "db1", "three"));
    index.commit(Map.of("log", "3"));
    assertThat(index.notes()).containsEntry("log", "3");
  }

  @Test
  void onANearlyFullDiskMessagesAreRefusedAndCrashesFound() {
    index.close();
    try (Index full = LuceneIndex.open(folder, Long.MAX_VALUE)) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> full.add(List.of(message(1, "db1", "one"))))
          .isNotInstanceOf(LostWritesException.class)
          .withMessageContaining("no space left");
      full.put(List.of(crash(1, "aa", "one")));
      full.refresh();
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> full.commit(Map.of()))
          .isNotInstanceOf(LostWritesException.class)
          .withMessageContaining("no space left");
      assertThat(full.crashes(Filter.ALL, 0, Long.MAX_VALUE, null, 10, unlimited())).hasSize(1);
    }
    index = open();
  }

  private static void deleteFolder(Path day) throws IOException {
    try (Stream<Path> files = Files.list(day)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(day);
  }

  /// The folder as a killed process leaves it.
  private void copyCommitted(Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(folder.relativize(path));
        Files.createDirectories(target.getParent());
        Files.copy(path, target);
      }
    }
  }
}
