package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// What recordings say must be found, held against the crashes that a server found in them.
final class Judgement {
  private static final Set<String> FAULTS = Set.of("oops", "memory", "storage", "hardware");

  int expected;
  int found;
  int guiltyAsked;
  int guilty;
  int panics;
  int panicked;
  int silentRestarts;
  int reboots;

  /// Reported, and nothing expects or tolerates it.
  final List<String> strays = new ArrayList<>();

  /// All that is not as it should be, for people.
  final List<String> wrong = new ArrayList<>();

  /// @param capture which capture of the recording was sent, as `on_wire` calls it
  void add(Recording recording, String capture, List<JsonNode> crashes) {
    Set<String> explained = new HashSet<>();
    for (JsonNode event : recording.meta().path("expected")) {
      if (event.path("on_wire").path(capture).asBoolean()) {
        List<JsonNode> hits = crashes.stream().filter(crash -> isIt(crash, event)).toList();
        crashes.stream()
            .filter(crash -> hits.contains(crash) || repeats(crash, event))
            .forEach(crash -> explained.add(crash.path("id").asText()));
        add(recording.name(), event, hits);
      }
    }
    addReboots(recording, crashes);
    crashes.stream()
        .filter(crash -> !explained.contains(crash.path("id").asText()))
        .filter(crash -> !isReboot(crash))
        .filter(crash -> FAULTS.contains(crash.path("category").asText()))
        .filter(crash -> !isTolerated(crash, recording.meta()))
        .forEach(crash -> stray(recording.name(), crash));
  }

  private void add(String name, JsonNode event, List<JsonNode> candidates) {
    List<JsonNode> hits =
        event.path("not_a_crash").asBoolean()
            ? candidates.stream()
                .filter(crash -> crash.path("category").equals(event.path("category")))
                .toList()
            : candidates;
    String what = event.path("kind").asText() + ": " + event.path("line").asText();
    expected++;
    if (hits.isEmpty()) {
      wrong.add(name + ": nothing found of " + what);
      return;
    }
    found++;
    List<String> functions = texts(event.path("functions"));
    if (!functions.isEmpty()) {
      guiltyAsked++;
      if (hits.stream().anyMatch(crash -> functions.contains(crash.path("guilty").asText()))) {
        guilty++;
      } else {
        wrong.add(name + ": guilty is " + hits.getFirst().path("guilty") + " for " + what);
      }
    }
    if (event.path("panicked").asBoolean()) {
      panics++;
      if (hits.stream().anyMatch(crash -> crash.path("panicked").asBoolean())) {
        panicked++;
      } else {
        wrong.add(name + ": not said to have panicked: " + what);
      }
    }
  }

  private void addReboots(Recording recording, List<JsonNode> crashes) {
    int silent = 0;
    for (JsonNode boot : recording.meta().path("boots")) {
      silent += boot.has("announced") && !boot.path("announced").asBoolean() ? 1 : 0;
    }
    List<JsonNode> told = crashes.stream().filter(Judgement::isReboot).toList();
    silentRestarts += silent;
    reboots += Math.min(silent, told.size());
    if (told.size() < silent) {
      wrong.add(recording.name() + ": a restart without last words was not noticed");
    }
    told.stream().skip(silent).forEach(crash -> stray(recording.name(), crash));
  }

  private void stray(String name, JsonNode crash) {
    String what = name + ": " + crash.path("kind").asText() + ": " + crash.path("title").asText();
    strays.add(what);
    wrong.add(what + ", which nothing expects");
  }

  private static boolean isReboot(JsonNode crash) {
    return crash.path("kind").asText().equals("reboot");
  }

  private static boolean isTolerated(JsonNode crash, JsonNode meta) {
    boolean oopsOfAHealthyKernel =
        meta.path("healthy").asBoolean() && crash.path("category").asText().equals("oops");
    return !oopsOfAHealthyKernel
        && elements(meta.path("tolerated")).anyMatch(event -> hasKindOf(crash, event));
  }

  private static boolean isIt(JsonNode crash, JsonNode event) {
    if (!hasKindOf(crash, event)) {
      return false;
    }
    String text =
        String.join("\n", texts(crash.path("report"))) + "\n" + crash.path("title").asText();
    List<String> names = new ArrayList<>(List.of(crash.path("guilty").asText()));
    names.add(crash.path("ip").asText());
    crash.path("frames").forEach(frame -> names.add(frame.path("function").asText()));
    Stream<String> lines =
        event.has("lines")
            ? texts(event.path("lines")).stream()
            : Stream.of(event.path("line").asText());
    return lines.anyMatch(text::contains)
        || texts(event.path("functions")).stream().anyMatch(names::contains);
  }

  /// A further report of what is expected once: the same kind and function, device or victim.
  private static boolean repeats(JsonNode crash, JsonNode event) {
    List<String> about = new ArrayList<>(texts(event.path("functions")));
    about.add(event.path("device").asText(""));
    about.add(event.path("victim").asText(""));
    about.removeIf(String::isEmpty);
    return hasKindOf(crash, event)
        && (about.isEmpty() || about.stream().anyMatch(crash.toString()::contains));
  }

  private static boolean hasKindOf(JsonNode crash, JsonNode event) {
    return texts(event.path("kinds")).contains(crash.path("kind").asText());
  }

  private static List<String> texts(JsonNode list) {
    return elements(list).map(JsonNode::asText).toList();
  }

  private static Stream<JsonNode> elements(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }

  @Override
  public String toString() {
    return "found %d of %d, guilty %d of %d, panicked %d of %d, reboots %d of %d, %d stray"
        .formatted(
            found,
            expected,
            guilty,
            guiltyAsked,
            panicked,
            panics,
            reboots,
            silentRestarts,
            strays.size());
  }
}
