package lastwords.store;

import static lastwords.store.SearchBudget.unlimited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [Index] does.
public abstract class IndexContract {
  private static final long ALWAYS = Long.MAX_VALUE;
  private static final long SECOND = 1_000_000;
  private static final long DAY = 86_400 * SECOND;

  /// 2026-11-21T00:00:00Z.
  private static final long MIDNIGHT = 1_795_219_200L * SECOND;

  protected Index index;

  /// The index under test, with what was committed before.
  protected abstract Index open();

  @BeforeEach
  void openIt() {
    index = open();
  }

  @AfterEach
  void closeIt() {
    index.close();
  }

  private void reopen() {
    index.close();
    index = open();
  }

  // What was written.

  @Test
  void aNewIndexHoldsNothing() {
    assertThat(index.notes()).isEmpty();
    assertThat(index.messageCount()).isZero();
    assertThat(found(Filter.ALL)).isEmpty();
    assertThat(oldestFirst(Filter.ALL, null, 10)).isEmpty();
    assertThat(index.message(1)).isEmpty();
    assertThat(index.tail(Filter.ALL, -1, 10, unlimited()).messages()).isEmpty();
    assertThat(index.values(Filter.ALL, 0, ALWAYS, "host", 10, unlimited())).isEmpty();
    assertThat(index.crashes(Filter.ALL, 0, ALWAYS, null, 10, unlimited())).isEmpty();
    assertThat(index.signatures(Filter.ALL, 0, ALWAYS, unlimited())).isEmpty();
  }

  @Test
  void aMessageComesBackAsItWentIn() {
    KernelMessage full =
        new KernelMessage(
            Position.of(7, 3),
            MIDNIGHT + 1,
            "db1",
            "fe80::1%eth0",
            "b0",
            3,
            4,
            1234,
            17,
            "T7",
            3,
            "kworker/u8:2",
            "6.12.1",
            "two\nlines, ünïcode, \\x00",
            Map.of("DEVICE", "+pci:0000:18:00.0"),
            ordered("rack", "b7", "Customer", "Acme=Co"));
    KernelMessage bare = message(8, "db1", "");
    add(full, bare);

    assertThat(found(Filter.ALL)).containsExactly(bare, full);
    assertThat(index.message(full.position())).contains(full);
    assertThat(index.message(full.position()).orElseThrow().userdata().keySet())
        .containsExactly("rack", "Customer");
  }

  @Test
  void whatWasNotRefreshedIsNotFound() {
    index.add(List.of(message(1, "db1", "oops")));

    assertThat(found(Filter.ALL)).isEmpty();
    index.refresh();
    assertThat(found(Filter.ALL)).hasSize(1);
  }

  @Test
  void whatWasCommittedIsThereAgainWithItsNotes() {
    add(message(1, "db1", "oops"));
    index.put(List.of(crash(1, "a", "KASAN: use-after-free")));
    index.commit(Map.of("log", "2", "ledger", "9"));
    reopen();

    assertThat(index.notes()).containsOnly(Map.entry("log", "2"), Map.entry("ledger", "9"));
    assertThat(found(term("text", "oops"))).hasSize(1);
    assertThat(crashes(Filter.ALL)).containsExactly("c1");
  }

  @Test
  void aMessageReadAgainReplacesItself() {
    add(message(1, "db1", "one"), message(2, "db1", "two"), message(3, "db1", "three"));
    add(message(2, "db1", "second"), message(4, "db1", "four"));
    index.commit(Map.of());
    reopen();
    add(message(3, "db1", "third"), message(4, "db1", "fourth"), message(5, "db1", "fifth"));

    assertThat(texts(found(Filter.ALL)))
        .containsExactly("fifth", "fourth", "third", "second", "one");
    assertThat(index.messageCount()).isEqualTo(5);
  }

  @Test
  void aMessageTwiceInOneBatchCountsOnce() {
    add(message(1, "db1", "one"), message(1, "db1", "uno"));

    assertThat(texts(found(Filter.ALL))).containsExactly("uno");
  }

  @Test
  void daysEndAndAreDroppedWhole() {
    add(at(MIDNIGHT - 1, message(1, "db1", "yesterday")), at(MIDNIGHT, message(2, "db1", "today")));
    assertThat(index.dropBefore(MIDNIGHT - 1)).isZero();
    assertThat(index.dropBefore(MIDNIGHT)).isEqualTo(1);

    assertThat(texts(found(Filter.ALL))).containsExactly("today");
    assertThat(index.messageCount()).isEqualTo(1);
  }

  @Test
  void manyDaysAreOneIndex() {
    for (int i = 0; i < 12; i++) {
      int day = i % 6;
      add(at(MIDNIGHT + day * DAY + i, message(i, "db1", "day" + day)));
    }
    reopenCommitted();

    assertThat(found(Filter.ALL)).hasSize(12);
    assertThat(positions(found(Filter.ALL))).isSortedAccordingTo(Collections.reverseOrder());
    assertThat(
            index.messages(
                Filter.ALL, MIDNIGHT + DAY, MIDNIGHT + 3 * DAY, true, null, 10, unlimited()))
        .extracting(KernelMessage::text)
        .containsExactly("day2", "day1", "day2", "day1");
    assertThat(index.bytes()).isPositive();
  }

  // What is asked.

  @Test
  void aSymbolIsFoundByItsNameItsBeginningAndAsAWhole() {
    add(message(1, "db1", "RIP: 0010:ext4_do_update_inode+0x1b/0x40 [ext4]"));
    add(message(2, "db1", "ext4_do_update_inode+0x1c/0x40"));

    assertThat(found(term("text", "ext4_do_update_inode"))).hasSize(2);
    assertThat(found(term("text", "EXT4_do_update_inode+0x1b/0x40"))).hasSize(1);
    assertThat(found(new Filter.Prefix("text", "ext4"))).hasSize(2);
    assertThat(found(new Filter.Prefix("text", "Ext4_do_update_inode+0x1"))).hasSize(2);
    assertThat(found(new Filter.Prefix("text", "ext4_do_update_inode+0x1b/"))).hasSize(1);
    assertThat(found(new Filter.Prefix("text", "ext4_do+0x1"))).isEmpty();
    assertThat(found(new Filter.Wildcard("text", "ext4_*_inode+0x1?/0x*"))).hasSize(2);
    assertThat(found(new Filter.Wildcard("text", "rip+*+ext4_*"))).hasSize(1);
    assertThat(found(new Filter.Wildcard("text", "*update*"))).hasSize(2);
    assertThat(found(new Filter.Regex("text", "ext4_[A-Z_]+"))).hasSize(2);
    assertThat(found(new Filter.Regex("text", "ext4"))).hasSize(1);
    assertThat(found(new Filter.Phrase("text", "update inode"))).isEmpty();
  }

  @Test
  void keywordsMatchWholeWithoutRegardToCase() {
    add(message(1, "DB-1.example", "one"), message(2, "db-2.example", "two"));

    assertThat(texts(found(term("host", "db-1.EXAMPLE")))).containsExactly("one");
    assertThat(found(term("host", "db-1"))).isEmpty();
    assertThat(found(new Filter.Prefix("host", "Db-"))).hasSize(2);
    assertThat(found(new Filter.Wildcard("host", "*-2.*"))).hasSize(1);
    assertThat(found(new Filter.Wildcard("host", "db\\*"))).isEmpty();
    assertThat(found(new Filter.Regex("host", "DB-[0-1].*"))).hasSize(1);
    assertThat(found(new Filter.Range("host", "db-1", "db-2", true, true))).hasSize(1);
    assertThat(found(new Filter.In("host", List.of("db-1.example", "x")))).hasSize(1);
    assertThat(found(new Filter.In("host", List.of()))).isEmpty();
    assertThat(found(new Filter.Exists("host"))).hasSize(2);
    assertThat(found(new Filter.Exists("task"))).isEmpty();
  }

  @Test
  void severitiesAreNumbersRangesAndNames() {
    for (int severity = 0; severity <= 7; severity++) {
      add(severity(severity, message(severity + 1, "db1", "s" + severity)));
    }
    add(message(20, "db1", "none"));

    assertThat(texts(found(term("severity", "3")))).containsExactly("s3");
    assertThat(texts(found(term("severity", "Err")))).containsExactly("s3");
    assertThat(texts(found(term("severity", "panic")))).containsExactly("s0");
    assertThat(texts(found(new Filter.Range("severity", "0", "3", true, true)))).hasSize(4);
    assertThat(texts(found(new Filter.Range("severity", "0", "3", false, false)))).hasSize(2);
    assertThat(texts(found(new Filter.Range("severity", null, "err", true, true)))).hasSize(4);
    assertThat(texts(found(new Filter.Range("severity", "warn", null, false, true)))).hasSize(3);
    assertThat(texts(found(new Filter.Not(new Filter.Exists("severity"))))).containsExactly("none");
    refused(term("severity", "bad"), "severity is a number or one of", "err", "'bad'");
    refused(term("severity", "-1"), "severity");
    refused(new Filter.Prefix("severity", "e"), "severity is a number");
    refused(term("cpu", "two"), "cpu is a number, not 'two'");
  }

  @Test
  void cpusSortAsNumbers() {
    add(cpu(2, message(1, "db1", "two")), cpu(10, message(2, "db1", "ten")));

    assertThat(texts(found(new Filter.Range("cpu", "3", null, true, true)))).containsExactly("ten");
    assertThat(texts(found(term("facility", "KERN")))).isEmpty();
  }

  @Test
  void anyOtherFieldIsAUserdataKey() {
    add(
        userdata(message(1, "db1", "one"), "rack", "b7", "Customer", "Acme"),
        userdata(message(2, "db1", "two"), "rack", "B8"),
        userdata(message(3, "db1", "three"), "racks", "b7", "x.y", "a*b"));

    assertThat(texts(found(term("rack", "b7")))).containsExactly("one");
    assertThat(texts(found(term("RACK", "B7")))).containsExactly("one");
    assertThat(texts(found(term("customer", "acme")))).containsExactly("one");
    assertThat(found(new Filter.Prefix("rack", "b"))).hasSize(2);
    assertThat(found(new Filter.Wildcard("rack", "?7"))).hasSize(1);
    assertThat(found(new Filter.Regex("rack", "b7|b8"))).hasSize(2);
    assertThat(found(new Filter.Regex("x.y", "a.*"))).hasSize(1);
    assertThat(found(new Filter.Exists("rack"))).hasSize(2);
    assertThat(found(new Filter.Exists("rac"))).isEmpty();
    assertThat(found(new Filter.Range("rack", "b8", null, true, true))).hasSize(1);
    assertThat(found(new Filter.Range("rack", null, "b8", true, false))).hasSize(1);
    assertThat(found(new Filter.In("rack", List.of("b7", "b8")))).hasSize(2);
    assertThat(index.values(Filter.ALL, 0, ALWAYS, "rack", 10, unlimited()))
        .containsExactly(Map.entry("B8", 1L), Map.entry("b7", 1L));
    assertThat(index.histogram(Filter.ALL, 0, MIDNIGHT * 2, 1, "Customer", unlimited()))
        .containsOnlyKeys("Acme");
  }

  @Test
  void filtersCombine() {
    add(message(1, "db1", "a b"), message(2, "db1", "a c"), message(3, "db2", "a b c"));

    assertThat(found(and(term("text", "a"), term("host", "db1")))).hasSize(2);
    assertThat(found(new Filter.Or(List.of(term("text", "b"), term("text", "c"))))).hasSize(3);
    assertThat(found(and(term("text", "a"), new Filter.Not(term("text", "b"))))).hasSize(1);
    assertThat(found(new Filter.Not(term("text", "b")))).hasSize(1);
    assertThat(found(and(new Filter.Not(term("text", "b")), new Filter.Not(term("host", "db1")))))
        .isEmpty();
    assertThat(found(and(Filter.ALL, Filter.ALL))).hasSize(3);
  }

  @Test
  void whatIsTooMuchWorkIsRefused() {
    add(message(1, "db1", "oops"));

    refused(new Filter.Regex("text", "(a|b)*a(a|b){20}"), "too complex");
    refused(new Filter.Regex("text", "(".repeat(500)), "is no regular expression");
    refused(new Filter.Regex("text", "(".repeat(5000)), "at most");
    refused(new Filter.Regex("text", "[a"), "'[a' is no regular expression");
    refused(new Filter.Or(Collections.nCopies(5000, term("text", "a b"))), "too many words");
    refused(term("text", "..."), "no word");
  }

  @Test
  void valuesOfAnyLengthAreKeptAndFoundByTheirBeginning() {
    String longest = "x".repeat(60_000);
    add(userdata(message(1, longest, longest + " oops"), "key", longest));

    assertThat(found(term("text", "oops"))).hasSize(1);
    assertThat(found(term("host", longest))).hasSize(1);
    assertThat(found(term("key", longest))).hasSize(1);
    assertThat(found(Filter.ALL).getFirst().host()).isEqualTo(longest);
  }

  @Test
  void everySearchFindsWhatGoingThroughAllMessagesFinds() {
    Random random = new Random(7);
    String[] words = {"nvme0", "timeout", "I/O", "error,", "dev=sda", "0x1b", "[ext4]", "BUG:"};
    List<KernelMessage> all = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      StringBuilder text = new StringBuilder();
      for (int word = random.nextInt(8); word >= 0; word--) {
        text.append(words[random.nextInt(words.length)]).append(' ');
      }
      KernelMessage message = message(i, "db" + random.nextInt(5), text.toString().trim());
      all.add(severity(random.nextInt(8), at(MIDNIGHT - DAY + 300 * SECOND * i, message)));
    }
    for (int from = 0; from < all.size(); from += 97) {
      index.add(all.subList(from, Math.min(from + 97, all.size())));
      index.refresh();
    }

    for (String a : words) {
      same(all, term("text", a), m -> holds(m, a));
      for (String b : words) {
        same(all, new Filter.Phrase("text", a + " " + b), m -> holds(m, a + " " + b));
        same(all, and(term("text", a), term("text", b)), m -> holds(m, a) && holds(m, b));
        same(
            all,
            and(term("text", a), new Filter.Not(term("text", b)), term("host", "db3")),
            m -> holds(m, a) && !holds(m, b) && m.host().equals("db3"));
      }
      same(
          all,
          and(term("text", a), new Filter.Range("severity", null, "err", true, false)),
          m -> holds(m, a) && m.severity() < 3);
    }
  }

  private void same(List<KernelMessage> all, Filter filter, Predicate<KernelMessage> brute) {
    List<KernelMessage> expected = all.stream().filter(brute).toList();
    assertThat(oldestFirst(filter, null, 1000)).as("%s", filter).isEqualTo(expected);
    assertThat(found(filter)).as("%s", filter).isEqualTo(expected.reversed());
  }

  private static boolean holds(KernelMessage message, String words) {
    String text = ' ' + String.join(" ", Words.of(message.text())) + ' ';
    return text.contains(' ' + String.join(" ", Words.of(words)) + ' ');
  }

  // Pages, following, counting.

  @Test
  void pagesGoOnWhereTheLastOneEnded() {
    for (int day = 0; day < 3; day++) {
      for (int i = 0; i < 10; i++) {
        int number = day * 10 + i;
        add(at(MIDNIGHT + day * DAY, message(number * 1000L, "db1", "m" + number)));
      }
    }
    List<String> all = IntStream.range(0, 30).mapToObj(i -> "m" + i).toList();

    assertThat(texts(paged(true))).isEqualTo(all.reversed());
    assertThat(texts(paged(false))).isEqualTo(all);
  }

  private List<KernelMessage> paged(boolean newestFirst) {
    List<KernelMessage> pages = new ArrayList<>();
    for (Long after = null; ; after = pages.getLast().position()) {
      List<KernelMessage> page =
          index.messages(Filter.ALL, 0, ALWAYS, newestFirst, after, 7, unlimited());
      if (page.isEmpty()) {
        return pages;
      }
      pages.addAll(page);
    }
  }

  @Test
  void followingSeesEachMessageOnceInTheOrderOfWriting() {
    add(message(1, "db1", "before"));
    long from = index.tail(Filter.ALL, -1, 10, unlimited()).next();
    assertThat(index.tail(Filter.ALL, from, 10, unlimited()).messages()).isEmpty();

    add(message(5, "db1", "a"), message(3, "db1", "b"));
    Index.Tail first = index.tail(Filter.ALL, from, 10, unlimited());
    assertThat(texts(first.messages())).containsExactly("a", "b");
    assertThat(first.skipped()).isZero();

    add(message(4, "db1", "c"), message(6, "db2", "d"));
    assertThat(texts(index.tail(Filter.ALL, first.next(), 10, unlimited()).messages()))
        .containsExactly("c", "d");
    assertThat(texts(index.tail(term("host", "db2"), first.next(), 10, unlimited()).messages()))
        .containsExactly("d");
  }

  @Test
  void whoFollowsTooSlowlyIsToldHowManyWereSkipped() {
    long from = index.tail(Filter.ALL, -1, 10, unlimited()).next();
    for (int i = 0; i < 8; i++) {
      add(message(i, "db1", "m" + i));
    }
    Index.Tail tail = index.tail(Filter.ALL, from, 3, unlimited());

    assertThat(texts(tail.messages())).containsExactly("m5", "m6", "m7");
    assertThat(tail.skipped()).isEqualTo(5);
    assertThat(index.tail(Filter.ALL, tail.next(), 3, unlimited()).messages()).isEmpty();
  }

  @Test
  void followingGoesOnAfterARestart() {
    add(message(1, "db1", "before"));
    reopenCommitted();
    long from = index.tail(Filter.ALL, -1, 10, unlimited()).next();
    add(message(2, "db1", "after"));

    assertThat(texts(index.tail(Filter.ALL, from, 10, unlimited()).messages()))
        .containsExactly("after");
  }

  @Test
  void messagesAreCountedOverTime() {
    for (int i = 0; i < 10; i++) {
      add(at(MIDNIGHT + i * SECOND, message(i, i < 7 ? "db1" : "DB2", "m")));
    }
    long end = MIDNIGHT + 10 * SECOND;

    assertThat(index.histogram(Filter.ALL, MIDNIGHT, end, 5, null, unlimited()))
        .containsOnlyKeys("")
        .containsEntry("", new long[] {2, 2, 2, 2, 2});
    assertThat(index.histogram(Filter.ALL, MIDNIGHT + SECOND, end - SECOND, 2, "host", unlimited()))
        .containsOnlyKeys("db1", "DB2")
        .containsEntry("db1", new long[] {4, 2})
        .containsEntry("DB2", new long[] {0, 2});
    assertThat(index.values(Filter.ALL, 0, ALWAYS, "host", 10, unlimited()))
        .containsExactly(Map.entry("db1", 7L), Map.entry("DB2", 3L));
    assertThat(index.values(term("host", "db2"), 0, ALWAYS, "host", 10, unlimited()))
        .containsOnlyKeys("DB2");
    assertThat(index.values(Filter.ALL, 0, ALWAYS, "host", 1, unlimited())).containsOnlyKeys("db1");
    assertThat(index.values(Filter.ALL, 0, ALWAYS, "nothing", 10, unlimited())).isEmpty();
    assertThatExceptionOfType(BadQueryException.class)
        .isThrownBy(() -> index.values(Filter.ALL, 0, ALWAYS, "text", 10, unlimited()));
  }

  @Test
  void numbersAreCountedAsPeopleWriteThem() {
    add(severity(3, message(1, "db1", "m")), cpu(12, message(2, "db1", "m")));

    assertThat(index.values(Filter.ALL, 0, ALWAYS, "severity", 10, unlimited()))
        .containsOnlyKeys("3");
    assertThat(index.values(Filter.ALL, 0, ALWAYS, "cpu", 10, unlimited())).containsOnlyKeys("12");
  }

  // Crashes.

  @Test
  void droppedCrashIsFoundNoMore() {
    index.put(List.of(crash(1, "aa", "KASAN: one"), crash(2, "bb", "KASAN: two")));
    index.refresh();

    index.drop(List.of("c1", "unknown"));
    index.refresh();

    assertThat(crashes(Filter.ALL)).containsExactly("c2");
    assertThat(index.signatures(Filter.ALL, 0, Long.MAX_VALUE, unlimited())).containsExactly("bb");
  }

  @Test
  void crashesAreFoundByTheirFieldsNewestFirst() {
    index.put(
        List.of(
            crash(1, "aa", "KASAN: use-after-free in nft_set_destroy"),
            crash(3, "bb", "kernel BUG in ext4_do_writepages"),
            crash(2, "aa", "KASAN: use-after-free in nft_set_destroy")));
    index.refresh();

    assertThat(crashes(Filter.ALL)).containsExactly("c3", "c2", "c1");
    assertThat(crashes(term("title", "kasan"))).containsExactly("c2", "c1");
    assertThat(crashes(term("kind", "bug"))).hasSize(3);
    assertThat(crashes(term("category", "oops"))).hasSize(3);
    assertThat(crashes(term("severity", "error"))).hasSize(3);
    assertThat(crashes(new Filter.Range("severity", null, "error", true, false))).isEmpty();
    assertThat(crashes(new Filter.Range("severity", "warning", "critical", true, true))).hasSize(3);
    assertThat(crashes(new Filter.Range("severity", "error", null, false, true))).isEmpty();
    assertThat(crashes(term("panicked", "false"))).hasSize(3);
    assertThat(crashes(term("panicked", "true"))).isEmpty();
    assertThat(crashes(term("function", "top_3"))).containsExactly("c3");
    assertThat(crashes(term("function", "bottom"))).hasSize(3);
    assertThat(crashes(term("release", "6.12.1"))).hasSize(3);
    assertThat(crashes(term("module", "ext4"))).hasSize(3);
    assertThat(crashes(term("hardware", "poweredge"))).hasSize(3);
    assertThat(crashes(term("report", "line 3"))).containsExactly("c3");
    assertThat(crashes(new Filter.Exists("guilty"))).isEmpty();
    assertThat(crashes(new Filter.Exists("report"))).hasSize(3);
    assertThat(crashes(term("id", "c2"))).containsExactly("c2");
    assertThat(index.crashes(Filter.ALL, 0, ALWAYS, Position.of(3, 0), 1, unlimited()))
        .containsExactly("c2");
    assertThat(index.crashes(Filter.ALL, MIDNIGHT + 2, MIDNIGHT + 3, null, 9, unlimited()))
        .containsExactly("c2");
    assertThatExceptionOfType(BadQueryException.class)
        .isThrownBy(() -> crashes(term("hots", "db1")))
        .withMessageContaining("'hots'");
  }

  @Test
  void aCrashCompletedLaterReplacesItself() {
    index.put(List.of(crash(1, "aa", "KASAN: early")));
    index.put(List.of(crash(1, "aa", "KASAN: late")));
    index.refresh();

    assertThat(crashes(term("title", "kasan"))).containsExactly("c1");
    assertThat(crashes(term("title", "early"))).isEmpty();
  }

  @Test
  void signaturesAreThoseOfMatchingCrashes() {
    index.put(
        List.of(
            crash(1, "aa", "one"),
            crash(2, "bb", "two"),
            crash(3, "aa", "one"),
            crash(4, null, "none")));
    index.refresh();

    assertThat(index.signatures(Filter.ALL, 0, ALWAYS, unlimited()))
        .containsExactlyInAnyOrder("aa", "bb");
    assertThat(index.signatures(term("title", "two"), 0, ALWAYS, unlimited()))
        .containsExactly("bb");
    assertThat(index.signatures(Filter.ALL, MIDNIGHT + 3, ALWAYS, unlimited()))
        .containsExactly("aa");
    assertThat(crashes(new Filter.Not(new Filter.In("signature", List.of("aa")))))
        .containsExactly("c4", "c2");
  }

  // Building blocks.

  protected void add(KernelMessage... messages) {
    index.add(List.of(messages));
    index.refresh();
  }

  private void reopenCommitted() {
    index.commit(Map.of());
    reopen();
  }

  protected List<KernelMessage> found(Filter filter) {
    return index.messages(filter, 0, ALWAYS, true, null, 1000, unlimited());
  }

  private List<KernelMessage> oldestFirst(Filter filter, @Nullable Long after, int limit) {
    return index.messages(filter, 0, ALWAYS, false, after, limit, unlimited());
  }

  private List<String> crashes(Filter filter) {
    return index.crashes(filter, 0, ALWAYS, null, 100, unlimited());
  }

  private void refused(Filter filter, String... why) {
    assertThatExceptionOfType(BadQueryException.class)
        .as("%s", filter)
        .isThrownBy(() -> found(filter))
        .satisfies(bad -> assertThat(bad.getMessage()).contains(why));
  }

  protected static List<String> texts(List<KernelMessage> messages) {
    return messages.stream().map(KernelMessage::text).toList();
  }

  private static List<Long> positions(List<KernelMessage> messages) {
    return messages.stream().map(KernelMessage::position).toList();
  }

  protected static Filter term(String field, String value) {
    return new Filter.Term(field, value);
  }

  private static Filter and(Filter... filters) {
    return new Filter.And(List.of(filters));
  }

  /// The basic format's: no severity, no sequence.
  protected static KernelMessage message(long offset, String host, String text) {
    return new KernelMessage(
        Position.of(offset, 0),
        MIDNIGHT,
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
        text,
        Map.of(),
        Map.of());
  }

  protected static KernelMessage at(long receivedAtMicros, KernelMessage m) {
    return copy(m, receivedAtMicros, m.severity(), m.cpu(), m.userdata());
  }

  private static KernelMessage severity(int severity, KernelMessage m) {
    return copy(m, m.receivedAtMicros(), severity, m.cpu(), m.userdata());
  }

  private static KernelMessage cpu(int cpu, KernelMessage m) {
    return copy(m, m.receivedAtMicros(), m.severity(), cpu, m.userdata());
  }

  private static KernelMessage userdata(KernelMessage m, String... pairs) {
    return copy(m, m.receivedAtMicros(), m.severity(), m.cpu(), ordered(pairs));
  }

  private static Map<String, String> ordered(String... pairs) {
    Map<String, String> map = new java.util.LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static KernelMessage copy(
      KernelMessage m, long receivedAtMicros, int severity, int cpu, Map<String, String> userdata) {
    return new KernelMessage(
        m.position(),
        receivedAtMicros,
        m.host(),
        m.address(),
        m.boot(),
        m.facility(),
        severity,
        m.sequence(),
        m.uptimeMicros(),
        m.caller(),
        cpu,
        m.task(),
        m.release(),
        m.text(),
        m.dictionary(),
        userdata);
  }

  protected static Crash crash(long offset, @Nullable String signature, String title) {
    Frame top = new Frame("top_" + offset, 1, 2, null, null, null, false, true);
    Frame bottom = new Frame("bottom", 1, 2, null, null, null, false, true);
    return new Crash(
        "bug",
        Category.OOPS,
        title,
        Severity.ERROR,
        signature,
        1,
        List.of(),
        List.of(top, bottom, bottom),
        null,
        null,
        1,
        2,
        null,
        "kworker/0:1",
        "",
        "6.12.1",
        "x86_64",
        "Dell Inc. PowerEdge R740/0923K0",
        List.of("ext4", "nvme"),
        Map.of(),
        false,
        false,
        false,
        true,
        0,
        "c" + offset,
        Position.of(offset, 0),
        "db1",
        null,
        null,
        "10.0.0.1",
        "b0",
        MIDNIGHT + offset,
        null,
        null,
        List.of(title, "line " + offset),
        List.of(),
        null,
        null,
        null,
        null);
  }
}
