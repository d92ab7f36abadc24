package lastwords.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lastwords.alert.News.Ruling;
import lastwords.kernel.Alarm;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Severity;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NewsTest {
  private static final long NOW = 1_800_000_000_000_000L;
  private static final long HOUR = TimeUnit.HOURS.toMicros(1);
  private static final long DAY = 24 * HOUR;

  private final Crashes make = new Crashes();
  private final List<Alarm> raised = new ArrayList<>();
  private News news = new News(withSeverity(Severity.ERROR), 0, null);
  private long number;

  @Test
  void aNewSignatureOnAHostIsNewsOnce() {
    assertThat(quiet(NOW, make.nullDeref("a", NOW))).containsExactly((Quiet) null);
    assertThat(quiet(NOW, make.nullDeref("a", NOW + 1))).containsExactly(Quiet.REPEATED);
  }

  @Test
  void anotherSignatureOnThatHostAndThatSignatureOnAnotherHostAreNews() {
    assertThat(
            quiet(NOW, make.nullDeref("a", NOW), make.lockup("a", NOW), make.nullDeref("b", NOW)))
        .containsOnlyNulls()
        .hasSize(3);
    assertThat(raised).extracting(Alarm::host).containsExactly("a", "a", "b");
  }

  @Test
  void theSamePairWithinOneBatchIsNewsOnce() {
    assertThat(quiet(NOW, make.nullDeref("a", NOW), make.nullDeref("a", NOW + 1)))
        .containsExactly(null, Quiet.REPEATED);
  }

  @Test
  void theSamePairIsNewsAgainAWeekLater() {
    quiet(NOW, make.nullDeref("a", NOW));
    assertThat(quiet(NOW + DAY, make.nullDeref("a", NOW + DAY))).containsExactly(Quiet.REPEATED);
    assertThat(quiet(NOW + DAY + 1, make.nullDeref("a", NOW + DAY + 1)))
        .containsExactly((Quiet) null);
    assertThat(quiet(NOW + 7 * DAY, make.nullDeref("a", NOW + 7 * DAY)))
        .containsExactly((Quiet) null);
  }

  @Test
  void aPairThatKeepsCrashingIsNewsOnceADayAndNotPutOffForever() {
    int told = 0;
    for (int hour = 0; hour < 72; hour++) {
      told +=
          quiet(NOW + hour * HOUR, make.nullDeref("a", NOW + hour * HOUR)).contains(null) ? 1 : 0;
    }
    assertThat(told).isEqualTo(3);
  }

  @Test
  void aCrashWrittenAfterAYoungerOneOfItsPairIsNoNews() {
    quiet(NOW, make.nullDeref("a", NOW));
    assertThat(quiet(NOW, make.nullDeref("a", NOW - 5))).containsExactly(Quiet.REPEATED);
  }

  @Test
  void aMachineThatGoesDownWithWhatItSurvivedBeforeIsNews() {
    Crash survived = make.crash("nmi", Category.HARDWARE, Severity.ERROR, "1", "a", NOW, false);
    Crash down = make.crash("nmi", Category.HARDWARE, Severity.CRITICAL, "1", "a", NOW + 5, false);
    Crash again = make.crash("nmi", Category.HARDWARE, Severity.CRITICAL, "1", "a", NOW + 9, false);
    assertThat(quiet(NOW, survived)).containsExactly((Quiet) null);
    assertThat(quiet(NOW, down)).containsExactly((Quiet) null);
    assertThat(quiet(NOW, again, survived)).containsOnly(Quiet.REPEATED);
  }

  @Test
  void eachDiskThatFailsIsNewsOnce() {
    assertThat(
            quiet(
                NOW,
                make.disk("nvme0", "a", NOW),
                make.disk("nvme1", "a", NOW + 1),
                make.disk("nvme0", "a", NOW + 2)))
        .containsExactly(null, null, Quiet.REPEATED);
    assertThat(quiet(NOW, make.disk("nvme1", "a", NOW + 3))).containsExactly(Quiet.REPEATED);
    assertThat(raised).extracting(Alarm::part).containsExactly("nvme0", "nvme1");
  }

  @Test
  void followUpsAndUserspaceAndInformationRaiseNothing() {
    assertThat(
            quiet(
                NOW,
                make.crash("warning", Category.OOPS, Severity.ERROR, "1", "a", NOW, true),
                make.crash("segfault", Category.USERSPACE, Severity.ERROR, "2", "a", NOW, false),
                make.crash("split-lock", Category.INFO, Severity.ERROR, "3", "a", NOW, false),
                make.crash("mce", Category.HARDWARE, Severity.INFO, "4", "a", NOW, false)))
        .containsExactly(Quiet.SUPPRESSED, Quiet.CATEGORY, Quiet.CATEGORY, Quiet.SEVERITY);
    assertThat(raised).isEmpty();
  }

  @Test
  void aRestartThatNothingAnnouncedRaisesWhateverItsCategory() {
    assertThat(
            quiet(NOW, make.crash("reboot", Category.INFO, Severity.WARNING, "1", "a", NOW, false)))
        .containsExactly((Quiet) null);
  }

  @Test
  void theLeastSeverityThatRaisesIsASetting() {
    Crash warning = make.crash("warning", Category.OOPS, Severity.WARNING, "1", "a", NOW, false);
    assertThat(quiet(NOW, warning)).containsExactly(Quiet.SEVERITY);
    news = new News(withSeverity(Severity.WARNING), 0, null);
    assertThat(quiet(NOW, warning)).containsExactly((Quiet) null);
    news = new News(withSeverity(Severity.CRITICAL), 0, null);
    assertThat(quiet(NOW, make.lockup("b", NOW))).containsExactly(Quiet.SEVERITY);
  }

  @Test
  void whatANewLedgerFoundInTheLogIsKeptAndToldToNobody() {
    news = new News(withSeverity(Severity.ERROR), 1001, null);
    assertThat(quiet(NOW, make.nullDeref("a", NOW), make.nullDeref("b", NOW)))
        .containsExactly(Quiet.REPLAYED, null);
    assertThat(raised).extracting(Alarm::reason).containsExactly("replayed", null);
    assertThat(raised)
        .as("robots pull open alarms")
        .extracting(Alarm::state)
        .containsExactly("resolved", "open");
  }

  @Test
  void whatIsOlderThanAnHourWhenSeenIsKeptAndToldToNobody() {
    assertThat(quiet(NOW + HOUR, make.nullDeref("a", NOW - 1), make.nullDeref("b", NOW)))
        .containsExactly(Quiet.LATE, null);
    assertThat(raised).extracting(Alarm::reason).containsExactly("late", null);
  }

  @Test
  void anAlarmNobodyWasToldOfDoesNotSilenceALiveOne() {
    assertThat(quiet(NOW + 2 * HOUR, make.nullDeref("a", NOW))).containsExactly(Quiet.LATE);
    assertThat(quiet(NOW + 2 * HOUR, make.nullDeref("a", NOW + 1)))
        .as("one late alarm says it")
        .containsExactly(Quiet.REPEATED);
    assertThat(quiet(NOW + 2 * HOUR, make.nullDeref("a", NOW + 2 * HOUR)))
        .containsExactly((Quiet) null);
  }

  @Test
  void aSignatureThatPeopleIgnoreIsKeptAndToldToNobody() {
    Ledger.Change change = new Ledger.Change(1, make.nullDeref("a", NOW));
    Ruling ruling =
        news.rule(List.of(change), this::last, Set.of(Crashes.NULL_DEREF), NOW, NOW).getFirst();
    assertThat(ruling.quiet()).isEqualTo(Quiet.IGNORED);
    assertThat(ruling.alarm()).isNotNull();
  }

  @Test
  void alarmsBeyondTheMinutesCapAreHeldForItsSummary() {
    Crash[] crashes = new Crash[1000];
    Arrays.setAll(crashes, i -> make.nullDeref("host" + i, NOW));
    List<Quiet> quiet = quiet(NOW, crashes);
    assertThat(quiet.subList(0, 4)).containsOnlyNulls();
    assertThat(quiet.subList(4, 1000)).containsOnly(Quiet.STORM);
    assertThat(raised).hasSize(1000).extracting(Alarm::state).containsOnly("open");

    long minute = TimeUnit.MINUTES.toMicros(1);
    assertThat(news.endedStorm(NOW + minute - 1)).isNull();
    Storm storm = Objects.requireNonNull(news.endedStorm(NOW + minute));
    assertThat(storm.id()).isEqualTo("storm-1");
    assertThat(storm.told()).isEqualTo(4);
    assertThat(storm.held()).isEqualTo(996);
    assertThat(storm.gravest()).isEqualTo(Severity.CRITICAL);
    assertThat(storm.largest())
        .singleElement()
        .satisfies(
            group -> {
              assertThat(group.alarms()).isEqualTo(996);
              assertThat(group.hosts()).hasSize(Storm.MAX_NAMED_HOSTS).startsWith("host4", "host5");
            });
    assertThat(quiet(NOW + minute, make.nullDeref("next", NOW + minute)))
        .as("the next minute has its own")
        .containsExactly((Quiet) null);
  }

  @Test
  void aClockSetBackEndsTheMinute() {
    quiet(NOW, make.nullDeref("a", NOW));
    assertThat(news.endedStorm(NOW - 1)).isNotNull();
  }

  @Test
  void aFloodOfMadeUpSignaturesTakesBoundedMemory() {
    Crash[] crashes = new Crash[2 * Storm.MAX_SIGNATURES];
    Arrays.setAll(
        crashes,
        i -> make.crash("mce", Category.HARDWARE, Severity.ERROR, "s" + i, "a", NOW, false));
    quiet(NOW, crashes);
    Storm storm = Objects.requireNonNull(news.endedStorm(NOW + HOUR));
    assertThat(storm.held()).isEqualTo(crashes.length - 4);
    assertThat(storm.signatures()).isEqualTo(Storm.MAX_SIGNATURES);
    assertThat(storm.largest()).hasSize(Storm.MAX_NAMED_SIGNATURES);
  }

  private List<Quiet> quiet(long nowMicros, Crash... crashes) {
    List<Ledger.Change> changes =
        Arrays.stream(crashes).map(crash -> new Ledger.Change(++number, crash)).toList();
    List<Ruling> rulings = news.rule(changes, this::last, Set.of(), nowMicros, nowMicros);
    rulings.stream().map(Ruling::alarm).filter(alarm -> alarm != null).forEach(raised::add);
    return rulings.stream().map(Ruling::quiet).toList();
  }

  private Optional<Alarm> last(
      String signature, String host, @Nullable String part, long atMicros) {
    return raised.stream()
        .filter(it -> part == null || it.part() == null || it.part().equals(part))
        .filter(it -> it.signature().equals(signature) && it.host().equals(host))
        .filter(it -> it.raisedAtMicros() <= atMicros)
        .max((a, b) -> Long.compare(a.raisedAtMicros(), b.raisedAtMicros()));
  }

  private static AlertSettings withSeverity(Severity severity) {
    AlertSettings standard = AlertSettings.DEFAULT;
    return new AlertSettings(
        standard.repeat(), standard.maxAge(), severity, 4, standard.publicUrl(), List.of());
  }
}
