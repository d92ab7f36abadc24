package lastwords.store.embedded;

import static lastwords.store.SearchBudget.unlimited;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.store.Crashes;
import lastwords.store.Filter;
import lastwords.store.Index;
import lastwords.store.SearchBudget;
import org.apache.lucene.index.IndexWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Days that are more than one folder takes, days that are too many for one reader of Lucene's, and
/// folders that can't be used.
class LucenePartsTest {
  private static final long DAY = 86_400_000_000L;
  private static final long TODAY = 20_000 * DAY;
  private static final String NAME = "2024-10-04";

  @TempDir Path folder;

  @AfterEach
  void restoreLucenesLimit() throws ReflectiveOperationException {
    limitLucene(IndexWriter.MAX_DOCS);
  }

  private static void limitLucene(int documents) throws ReflectiveOperationException {
    Method limit = IndexWriter.class.getDeclaredMethod("setMaxDocs", int.class);
    limit.setAccessible(true);
    limit.invoke(null, documents);
  }

  @Test
  void aDayBeyondTheLimitOfAPartIsSplitAndSearchedWhole() throws IOException {
    try (Index index = LuceneIndex.open(folder, 0, 100)) {
      add(index, TODAY, 0, 350);
      index.commit(Map.of("log", "1"));

      assertThat(parts()).containsExactly(NAME, NAME + ".2", NAME + ".3", NAME + ".4");
      holdsAll(index, 350);
    }
    try (Index index = LuceneIndex.open(folder, 0, 100)) {
      holdsAll(index, 350);
      add(index, TODAY, 350, 400);
      holdsAll(index, 400);
      index.commit(Map.of());
    }
    try (Index index = LuceneIndex.openReadOnly(folder)) {
      holdsAll(index, 400);
    }
  }

  @Test
  void aMessageWrittenAgainReplacesTheOneInAnotherPart() {
    try (Index index = LuceneIndex.open(folder, 0, 100)) {
      add(index, TODAY, 0, 250);
      add(index, TODAY, 50, 250);

      holdsAll(index, 250);
    }
  }

  @Test
  void aDayBeyondLucenesOwnLimitContinuesInAnotherPart() throws Exception {
    limitLucene(500);
    try (Index index = LuceneIndex.open(folder)) {
      add(index, TODAY, 0, 1_200);
      index.commit(Map.of());
      holdsAll(index, 1_200);
    }
    try (Index index = LuceneIndex.open(folder)) {
      add(index, TODAY, 1_200, 1_300);
      holdsAll(index, 1_300);
    }
  }

  @Test
  void daysThatAreTooManyForOneReaderAreSearchedAndDropped() throws Exception {
    limitLucene(500);
    try (Index index = LuceneIndex.open(folder)) {
      for (int day = 0; day < 4; day++) {
        add(index, TODAY + day * DAY, day * 400, (day + 1) * 400);
      }
      index.commit(Map.of());
      holdsAll(index, 1_600);
    }
    try (Index index = LuceneIndex.open(folder)) {
      holdsAll(index, 1_600);
      assertThat(index.dropBefore(TODAY + DAY)).isEqualTo(1);
      assertThat(index.messageCount()).isEqualTo(1_200);
      assertThat(index.dropOldest()).isTrue();
      assertThat(index.messageCount()).isEqualTo(800);
      assertThat(parts()).hasSize(2);
    }
  }

  @Test
  void retentionDropsTheOldestPartOfADayAndAWholeDay() throws IOException {
    try (Index index = LuceneIndex.open(folder, 0, 100)) {
      add(index, TODAY, 0, 250);
      assertThat(index.dropOldest()).isTrue();
      assertThat(positions(index, true)).hasSize(150).first().isEqualTo(Position.of(249, 0));
      assertThat(index.dropBefore(TODAY + DAY)).isEqualTo(1);
      assertThat(parts()).isEmpty();
      assertThat(index.dropOldest()).isFalse();
    }
  }

  @Test
  void aPartThatCanNotBeOpenedIsLeftOutReportedAndOpenedLater() throws IOException {
    try (Index index = LuceneIndex.open(folder)) {
      add(index, TODAY, 0, 10);
      add(index, TODAY + DAY, 10, 20);
      index.commit(Map.of("log", "1"));
    }
    Path day = folder.resolve("messages").resolve(NAME);
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(day, elsewhere);
    Files.createDirectories(day.resolve("segments_1")); // no file, and no damage of one
    try (Index index = LuceneIndex.open(folder)) {
      assertThat(index.notes()).as("is not written again").containsEntry("log", "1");
      assertThat(index.problems()).hasSize(1).first().asString().contains(day.toString());
      assertThat(positions(index, true)).hasSize(10);
      add(index, TODAY, 20, 30);
      assertThat(positions(index, true)).hasSize(20);

      Files.delete(day.resolve("segments_1"));
      Files.delete(day);
      Files.move(elsewhere, day);
      index.commit(Map.of("log", "2"));
      index.refresh();

      assertThat(index.problems()).isEmpty();
      holdsAll(index, 30);
    }
  }

  @Test
  void anIndexOfTheVersionBeforeIsOneOfOnePartADay() throws IOException {
    try (Index index = LuceneIndex.open(folder)) {
      add(index, TODAY, 0, 10);
      index.commit(Map.of());
    }
    assertThat(parts()).containsExactly(NAME);
  }

  @Test
  void theOldestCrashesGoWhenTheyAreTooMany() {
    try (Index index = LuceneIndex.open(folder, 0, 100)) {
      for (int i = 0; i < 300; i += 10) {
        index.put(IntStream.range(i, i + 10).mapToObj(Crashes::at).toList());
      }
      index.refresh();

      List<String> left = index.crashes(Filter.ALL, 0, Long.MAX_VALUE, null, 1_000, unlimited());
      assertThat(left).hasSizeBetween(70, 101);
      assertThat(left.getFirst()).isEqualTo(Crashes.at(299).id());
    }
  }

  // Budgets.

  /// A clock that moves by a second each time it is looked at.
  private static SearchBudget looks(int count) {
    long[] seconds = {0};
    return SearchBudget.of(Duration.ofSeconds(count), () -> 1_000_000_000L * seconds[0]++);
  }

  @Test
  void listsCutByTheirBudgetContinueUntilAllWasFound() {
    try (Index index = LuceneIndex.open(folder, 0, 100)) {
      for (int from = 0; from < 400; from += 20) {
        add(index, TODAY, from, from + 20);
      }
      for (boolean newestFirst : new boolean[] {true, false}) {
        List<Long> found = new ArrayList<>();
        Long after = null;
        int cut = 0;
        do {
          SearchBudget budget = looks(9);
          List<KernelMessage> page =
              index.messages(Filter.ALL, 0, Long.MAX_VALUE, newestFirst, after, 1_000, budget);
          page.forEach(message -> found.add(message.position()));
          after = null;
          if (budget.partialReason() != null) {
            assertThat(budget.partialReason()).contains("time limit");
            cut++;
            after = budget.resumeAfter().orElseThrow();
          }
        } while (after != null);
        assertThat(cut).isPositive();
        List<Long> all = positions(index, newestFirst);
        assertThat(found).isEqualTo(all);
      }
    }
  }

  @Test
  void aSearchThatGoesThroughWordsEndsWithItsBudget() {
    try (Index index = LuceneIndex.open(folder)) {
      add(index, TODAY, 0, 2_000);
      List<Filter> patterns = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        patterns.add(new Filter.Wildcard("text", "*" + i + "*x"));
      }
      long[] looks = {0};
      SearchBudget budget = SearchBudget.of(Duration.ofNanos(50), () -> looks[0]++);

      assertThat(index.messages(new Filter.Or(patterns), 0, Long.MAX_VALUE, true, null, 10, budget))
          .isEmpty();
      assertThat(budget.partialReason()).isNotNull();
      assertThat(budget.resumeAfter()).as("nothing was searched").isEmpty();
      assertThat(looks[0]).as("looks at the clock, the last of which ended it").isLessThan(70);
    }
  }

  @Test
  void aCancelledSearchFindsNothingMore() {
    try (Index index = LuceneIndex.open(folder)) {
      add(index, TODAY, 0, 10);
      SearchBudget budget = unlimited();
      budget.cancel("the client left");

      assertThat(index.messages(Filter.ALL, 0, Long.MAX_VALUE, true, null, 10, budget)).isEmpty();
      assertThat(index.values(Filter.ALL, 0, Long.MAX_VALUE, "host", 10, budget)).isEmpty();
      assertThat(index.signatures(Filter.ALL, 0, Long.MAX_VALUE, budget)).isEmpty();
      assertThat(budget.partialReason()).isEqualTo("the client left");
    }
  }

  @Test
  void aListOfLargeMessagesEndsEarlyAndContinues() {
    String large = "x ".repeat(500_000);
    try (Index index = LuceneIndex.open(folder)) {
      List<KernelMessage> messages = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        messages.add(message(TODAY, i, large + i));
      }
      index.add(messages);
      index.refresh();
      SearchBudget budget = unlimited();
      List<KernelMessage> page =
          index.messages(Filter.ALL, 0, Long.MAX_VALUE, true, null, 20, budget);

      assertThat(page).hasSizeBetween(1, 9);
      assertThat(budget.partialReason()).isNull();
      assertThat(budget.resumeAfter()).hasValue(page.getLast().position());
    }
  }

  // Building blocks.

  private List<String> parts() throws IOException {
    try (Stream<Path> paths = Files.list(folder.resolve("messages"))) {
      return paths.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static void add(Index index, long receivedAt, int from, int to) {
    List<KernelMessage> messages = new ArrayList<>();
    for (int i = from; i < to; i++) {
      messages.add(message(receivedAt, i, "number " + i + " has word" + i));
    }
    index.add(messages);
    index.refresh();
  }

  private static void holdsAll(Index index, int count) {
    assertThat(index.messageCount()).isEqualTo(count);
    List<Long> oldestFirst = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      oldestFirst.add(Position.of(i, 0));
    }
    assertThat(positions(index, false)).isEqualTo(oldestFirst);
    assertThat(positions(index, true)).isEqualTo(oldestFirst.reversed());
    assertThat(index.values(Filter.ALL, 0, Long.MAX_VALUE, "host", 9, unlimited()))
        .containsExactly(Map.entry("db1", (long) count));
    assertThat(index.message(Position.of(count - 1, 0))).isPresent();
    assertThat(index.tail(Filter.ALL, 0, 5, unlimited()).next()).isGreaterThanOrEqualTo(count);
  }

  private static List<Long> positions(Index index, boolean newestFirst) {
    List<Long> positions = new ArrayList<>();
    Long after = null;
    while (true) {
      List<KernelMessage> page =
          index.messages(Filter.ALL, 0, Long.MAX_VALUE, newestFirst, after, 97, unlimited());
      if (page.isEmpty()) {
        return positions;
      }
      page.forEach(message -> positions.add(message.position()));
      after = positions.getLast();
    }
  }

  private static KernelMessage message(long receivedAt, long offset, String text) {
    return new KernelMessage(
        Position.of(offset, 0),
        receivedAt,
        "db1",
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
        text,
        Map.of(),
        Map.of());
  }
}
