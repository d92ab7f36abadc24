package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.store.Filter;
import lastwords.store.SearchBudget;
import lastwords.store.embedded.LuceneFolder.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneCountsTest {
  @TempDir Path folder;

  @Test
  void valuesThatAreTooManyForOnePassAreCountedInSeveral() throws IOException {
    try (LuceneFolder day = new LuceneFolder(folder, Access.WRITE, 0, 0, 1_000_000)) {
      for (int i = 0; i < 1_000; i++) {
        day.add(LuceneDocument.of(message(i, "host" + i % 97, "r" + i % 7), i), i);
      }
      day.refresh();
      LuceneSnapshot snapshot = new LuceneSnapshot(List.of(day.reader()), null);
      try {
        assertThat(counts(snapshot, "host", 10)).isEqualTo(counts(snapshot, "host", 1_000_000));
        assertThat(counts(snapshot, "host", 10)).hasSize(97).containsEntry("host0", 11L);
        assertThat(counts(snapshot, "rack", 2)).hasSize(7).containsEntry("r0", 143L);
        assertThat(counts(snapshot, "other", 2)).as("another key").containsOnlyKeys("x");
      } finally {
        snapshot.release();
      }
    }
  }

  private static Map<String, Long> counts(LuceneSnapshot snapshot, String field, int maxOrdinals)
      throws IOException {
    LuceneScan scan =
        new LuceneScan(
            new LuceneQueries(LuceneField::ofMessages).of(Filter.ALL), SearchBudget.unlimited());
    return new LuceneCounts(snapshot.newestFirst(), scan, maxOrdinals)
        .values(LuceneField.ofMessages(field), 1_000);
  }

  private static KernelMessage message(long offset, String host, String rack) {
    return new KernelMessage(
        Position.of(offset, 0),
        1,
        host,
        "10.0.0.1",
        "b0",
        -1,
        -1,
        -1,
        -1,
        null,
        -1,
        null,
        null,
        "text",
        Map.of(),
        Map.of("rack", rack, "other", "x"));
  }
}
