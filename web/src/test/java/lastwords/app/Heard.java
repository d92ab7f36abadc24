package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import lastwords.kernel.Datagram;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;

/// What came of all that a [Choir] said: read from the log's own files, beside the server that
/// writes them or after its death, and compared with what that server then answers.
final class Heard {
  private final Path log;
  private final Choir choir;

  /// Of somebody else.
  private static final long OTHER = -1;

  /// Host and number of the datagram at each offset.
  private final List<Long> said = new ArrayList<>();

  /// The numbers of each host; they must grow.
  private final List<BitSet> numbers = new ArrayList<>();

  private final Set<String> warnedOf = new TreeSet<>();

  Heard(Path data, Choir choir) {
    log = data.resolve("log");
    this.choir = choir;
    for (int host = 0; host < choir.hosts(); host++) {
      numbers.add(new BitSet());
    }
  }

  long datagrams() {
    return said.size();
  }

  /// The functions whose warning's headline is in the log.
  Set<String> warnedOf() {
    return warnedOf;
  }

  /// Reads on to the end of the log: each host's numbers grow, and its words are those it said.
  void readOn() {
    if (!Files.exists(log.resolve("metadata.cq4t"))) {
      return; // it was killed before it made one
    }
    try (Log reading = ChronicleLog.openReadOnly(log);
        Log.Cursor cursor = reading.read(said.size())) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        assertThat(next.offset()).as("offset").isEqualTo(said.size());
        int host = choir.host(next.source().getHostAddress());
        if (host < 0) {
          said.add(OTHER);
        } else {
          add(host, next);
        }
      }
    }
  }

  private void add(int host, Datagram datagram) {
    String record = new String(datagram.payload(), US_ASCII);
    long number = Long.parseLong(record.split(",", -1)[1]);
    int last = numbers.get(host).length() - 1;
    assertThat(number).as("number after " + last).isGreaterThan(last);
    assertThat(record).endsWith(",-;" + Choir.text(host, number) + "\n");
    numbers.get(host).set((int) number);
    said.add(packed(host, number));
    String function = Choir.warnsOf(host, number);
    if (!function.isEmpty()) {
      assertThat(warnedOf.add(function)).isTrue();
    }
  }

  /// Whether the log has all that each host said before these numbers, as far as it was read.
  boolean hasUpTo(long[] to) {
    for (int host = 0; host < to.length; host++) {
      if (numbers.get(host).length() < to[host]) {
        return false;
      }
    }
    return true;
  }

  /// The log has every record with numbers of these stretches, one for each host.
  void hasAll(long[] from, long[] to) {
    for (int host = 0; host < from.length; host++) {
      assertThat(numbers.get(host).nextClearBit((int) from[host]))
          .as("the first record of host %d that is missing", host)
          .isGreaterThanOrEqualTo((int) to[host]);
    }
  }

  /// What was read bit by bit is what is there: nothing was changed, taken away or put between.
  void isStillAllThere(Path data) {
    Heard again = new Heard(data, choir);
    again.readOn();
    assertThat(again.said).isEqualTo(said);
  }

  /// Waits until the server has found all of it, and nothing twice: each record by a search, each
  /// warning as a crash and an alarm, whose deliveries are made.
  void isFoundOnce(Client server, Robot robot) {
    Running.eventually(() -> Running.isRead(Running.get(server, "/stats"), datagrams()));
    Running.eventually(() -> functions(server).size() >= warnedOf.size());
    Running.eventually(() -> robot.idsByCrash().size() >= warnedOf.size());
    Running.eventually(() -> Running.list(server, "/deliveries", "state", "pending").isEmpty());
    assertThat(functions(server)).hasSameSizeAs(warnedOf).containsAll(warnedOfToTheEnd());

    List<JsonNode> alarms = Running.list(server, "/alarms");
    Map<String, Set<String>> told = robot.idsByCrash();
    assertThat(alarms)
        .extracting(alarm -> alarm.path("crash").asText())
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(told.keySet());
    assertThat(told).hasSameSizeAs(warnedOf);
    assertThat(told.values()).as("under one id").allMatch(ids -> ids.size() == 1);

    Map<Integer, Map<Long, String>> expected = new HashMap<>();
    for (int offset = 0; offset < said.size(); offset++) {
      if (said.get(offset) == OTHER) {
        continue;
      }
      int host = (int) (said.get(offset) >> 40);
      long number = said.get(offset) & ((1L << 40) - 1);
      expected
          .computeIfAbsent(host, _ -> new LinkedHashMap<>())
          .put(number, offset + " " + Choir.text(host, number));
    }
    for (int host = 0; host < choir.hosts(); host++) {
      Map<Long, String> should = expected.getOrDefault(host, Map.of());
      Map<Long, String> found = new LinkedHashMap<>();
      for (JsonNode message : messages(server, host, should.size())) {
        String text = message.path("position").asText() + " " + message.path("text").asText();
        assertThat(found.put(message.path("sequence").asLong(), text)).as("found once").isNull();
      }
      assertThat(found).as("what host %d said".formatted(host)).isEqualTo(should);
    }
    // The rows of hosts are written with the reader's place, after its messages.
    Running.eventually(() -> countedOf(server).equals(sizes(expected)));
    assertThat(Running.list(server, "/hosts"))
        .allSatisfy(host -> assertThat(host.path("duplicates").asLong()).isZero());
  }

  private static Map<Integer, Integer> sizes(Map<Integer, Map<Long, String>> expected) {
    Map<Integer, Integer> sizes = new HashMap<>();
    expected.forEach((host, messages) -> sizes.put(host, messages.size()));
    return sizes;
  }

  /// How many messages each host's row counts.
  private Map<Integer, Integer> countedOf(Client server) {
    Map<Integer, Integer> counted = new HashMap<>();
    for (JsonNode host : Running.list(server, "/hosts")) {
      int number = choir.host(host.path("host").asText());
      if (number >= 0) {
        counted.put(number, host.path("messages").asInt());
      }
    }
    return counted;
  }

  /// Of those warned of, whose warning the log has with all its lines: another may have lost the
  /// one that says whom it is about.
  private Set<String> warnedOfToTheEnd() {
    Set<String> functions = new TreeSet<>();
    for (int host = 0; host < choir.hosts(); host++) {
      BitSet heard = numbers.get(host);
      for (int from = heard.nextSetBit(0); from >= 0; from = heard.nextSetBit(from + 1)) {
        String function = Choir.warnsOf(host, from);
        if (!function.isEmpty() && heard.nextClearBit(from) - from >= Choir.WARNING.size() - 1) {
          functions.add(function);
        }
      }
    }
    return functions;
  }

  /// What is found of a host, as soon as it is so much.
  private List<JsonNode> messages(Client server, int host, int atLeast) {
    List<JsonNode> messages = new ArrayList<>();
    Running.eventually(
        () -> {
          messages.clear();
          messages.addAll(
              Running.list(server, "/messages", "query", "address:" + choir.address(host)));
          return messages.size() >= atLeast;
        });
    return messages;
  }

  /// Whom the crashes are about, sorted.
  private static List<String> functions(Client server) {
    return Running.list(server, "/crashes", "since", "1d").stream()
        .map(crash -> crash.path("title").asText().replaceFirst(".* in ", ""))
        .sorted()
        .toList();
  }

  private static long packed(int host, long number) {
    return (long) host << 40 | number;
  }
}
