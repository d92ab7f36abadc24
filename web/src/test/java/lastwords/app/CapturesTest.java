package lastwords.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Recorded kernels speak to a whole server, all at the same time.
///
/// The project has what they sent in the extended format. What the same machines sent to a second
/// target is used where it lies beside the project, in `shared/corpus/netconsole`, and said to be
/// skipped where it doesn't.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CapturesTest {
  private static final List<JsonNode> NOTHING = List.of();
  private static final Pattern SEQUENCE = Pattern.compile("(?:[^,;]+,)?\\d+,(\\d+),\\d+,[-c]");

  private final Map<String, Recording> extended = new LinkedHashMap<>();
  private final Map<String, Recording> basic = new LinkedHashMap<>();
  private final Map<String, Recording> bothFormats = new LinkedHashMap<>();
  private final Map<String, Recording> twiceExtended = new LinkedHashMap<>();

  private @Nullable Running running;
  private Map<String, List<JsonNode>> crashes = Map.of();
  private Map<String, Host> hosts = Map.of();

  @BeforeAll
  void replay(@TempDir Path folder) {
    Crowd crowd = new Crowd();
    List<Recording> recordings = Recording.all();
    recordings.forEach(r -> extended.put(crowd.add(10, r.datagrams()), r));
    for (Recording recording : recordings) {
      Recording other = recording.otherwise("capture-legacy.pcap");
      if (other != null) {
        Recording both = recording.and(other);
        basic.put(crowd.add(20, other.datagrams()), other);
        bothFormats.put(crowd.add(30, both.datagrams()), both);
      }
      Recording second = recording.otherwise("capture-second.pcap");
      if (second != null) {
        Recording both = recording.and(second);
        twiceExtended.put(crowd.add(40, both.datagrams()), both);
      }
    }
    Running started = Running.start(folder);
    running = started;
    long startNanos = System.nanoTime();
    started.hear(crowd);
    System.out.printf(
        "%d datagrams heard in %.1f s%n",
        crowd.datagrams(), (System.nanoTime() - startNanos) / 1e9);
    started.untilRead(crowd.datagrams());
    Running.untilAtRest(folder);
    crashes = started.crashes();
    hosts = started.hosts();
  }

  @AfterAll
  void close() {
    if (running != null) {
      running.close();
    }
  }

  @Test
  void allThatHappenedIsFoundAndNothingElseInTheExtendedFormat() {
    holds(extended, "ext");
  }

  @Test
  void allThatHappenedIsFoundAndNothingElseInTheBasicFormat() {
    assumeThat(basic).as("recordings in the basic format").isNotEmpty();
    holds(basic, "legacy");
  }

  @Test
  void everyDatagramIsInTheLogByteForByteInItsSendersOrder() {
    Map<String, Map<Integer, List<String>>> logged = Objects.requireNonNull(running).payloads();
    for (Map<String, Recording> group : List.of(extended, basic, bothFormats, twiceExtended)) {
      group.forEach(
          (address, recording) ->
              assertThat(logged.get(address)).as(recording.name()).isEqualTo(payloads(recording)));
    }
    assertThat(Objects.requireNonNull(running).get("/stats").path("socket_drops").asLong())
        .isZero();
  }

  @Test
  void asManyBootsAndMissingSequencesAreCountedAsThereWere() {
    extended.forEach(
        (address, recording) -> {
          Host host = Objects.requireNonNull(hosts.get(address));
          assertThat(host.boots())
              .as("boots of " + recording.name())
              .isEqualTo(recording.meta().path("boots").size());
          assertThat(host.sequenceGaps())
              .as("missing in " + recording.name())
              .isEqualTo(missing(recording));
        });
  }

  @Test
  void aHostThatSendsBothFormatsIsTakenOnceAtItsExtendedWord() {
    assumeThat(bothFormats).as("recordings in both formats").isNotEmpty();
    holds(bothFormats, "ext");
    takenOnce(bothFormats);
  }

  @Test
  void aHostThatSendsTheSameRecordsTwiceIsTakenOnce() {
    assumeThat(twiceExtended).as("recordings with two extended targets").isNotEmpty();
    holds(twiceExtended, "ext");
    takenOnce(twiceExtended);
  }

  /// As many messages as without the second target, or as many more as only that target was sent.
  private void takenOnce(Map<String, Recording> group) {
    Map<String, Long> alone = new LinkedHashMap<>();
    extended.forEach((address, recording) -> alone.put(recording.name(), messages(address)));
    List<String> twice = new ArrayList<>();
    group.forEach(
        (address, recording) -> {
          long more = messages(address) - Objects.requireNonNull(alone.get(recording.name()));
          long neverExtended =
              recording.meta().path("captures").path("ext").path("lines_not_on_wire").asLong()
                  + recording.datagrams().stream().filter(CapturesTest::saysDropped).count();
          if (more < 0 || more > neverExtended) {
            twice.add(recording.name() + ": " + more + " more, at most " + neverExtended);
          }
        });
    assertThat(twice).isEmpty();
  }

  /// Only the basic format says in words that records were lost in the kernel.
  private static boolean saysDropped(Datagram datagram) {
    return new String(datagram.payload(), ISO_8859_1).contains("printk messages dropped");
  }

  private long messages(String address) {
    return Objects.requireNonNull(hosts.get(address)).messages();
  }

  private void holds(Map<String, Recording> group, String capture) {
    Judgement judgement = new Judgement();
    group.forEach(
        (address, recording) ->
            judgement.add(recording, capture, crashes.getOrDefault(address, NOTHING)));
    System.out.println(group.size() + " captures (" + capture + "): " + judgement);
    judgement.wrong.forEach(System.out::println);
    assertThat(judgement.strays).isEmpty();
    assertThat(judgement.found).isEqualTo(judgement.expected);
    assertThat(judgement.panicked).isEqualTo(judgement.panics);
    assertThat(judgement.reboots).isEqualTo(judgement.silentRestarts);
    assertThat(judgement.guilty).isGreaterThanOrEqualTo((int) (judgement.guiltyAsked * 0.98));
  }

  private static Map<Integer, List<String>> payloads(Recording recording) {
    return recording.datagrams().stream()
        .collect(
            groupingBy(
                Datagram::sourcePort, mapping(d -> new String(d.payload(), ISO_8859_1), toList())));
  }

  /// What never arrived, a number that came late not counted.
  private static long missing(Recording recording) {
    JsonNode wire = recording.meta().path("captures").path("ext");
    if (!wire.has("gaps")) {
      return wire.path("seq_missing").asLong();
    }
    Set<Long> arrived = new HashSet<>();
    for (Datagram datagram : recording.datagrams()) {
      Matcher header = SEQUENCE.matcher(new String(datagram.payload(), ISO_8859_1));
      if (header.lookingAt()) {
        arrived.add(Long.parseLong(header.group(1)));
      }
    }
    long missing = 0;
    for (JsonNode gap : wire.path("gaps")) {
      for (long number = gap.path(0).asLong(); number <= gap.path(1).asLong(); number++) {
        missing += arrived.contains(number) ? 0 : 1;
      }
    }
    return missing;
  }
}
