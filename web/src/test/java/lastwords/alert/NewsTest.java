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
import lastwords.kernel.HostSource;
import lastwords.kernel.Severity;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NewsTest {
  private static final long NOW = 1_800_000_000_000_000L;
  private static final long HOUR = TimeUnit.HOURS.toMicros(1);
  private static final long DAY = 24 * HOUR;

  private final Crashes make = new Crashes(HostSource.DNS);
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
    News.Seen seen = new News.Seen(1, make.nullDeref("a", NOW), null);
    Ruling ruling =
        news.rule(List.of(seen), this::last, Set.of(Crashes.NULL_DEREF), NOW, NOW).getFirst();
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

    assertThat(raised.getLast().storm()).isEqualTo("storm-1");
    long minute = TimeUnit.MINUTES.toMicros(1);
    assertThat(news.endedWindow(NOW + minute - 1)).isNull();
    RateWindow ended = Objects.requireNonNull(news.endedWindow(NOW + minute));
    assertThat(ended.id()).isEqualTo("storm-1");
    assertThat(ended.notified()).isEqualTo(4);
    assertThat(quiet(NOW + minute, make.nullDeref("next", NOW + minute)))
        .as("the next minute has its own")
        .containsExactly((Quiet) null);
  }

  @Test
  void aClockSetBackEndsTheMinute() {
    quiet(NOW, make.nullDeref("a", NOW));
    assertThat(news.endedWindow(NOW - 1)).isNotNull();
  }

  @Test
  void aFakeUnderAnotherHostsNameDoesNotSuppressTheAlarmOfThatHost() {
    make.address = "10.6.6.6";
    assertThat(quiet(NOW, make.reboot("web1", NOW))).containsExactly((Quiet) null);
    make.address = "10.0.0.1";
    assertThat(quiet(NOW, make.reboot("web1", NOW + 1))).containsExactly((Quiet) null);
    assertThat(quiet(NOW, make.reboot("web1", NOW + 2))).containsExactly(Quiet.REPEATED);
    assertThat(raised).extracting(Alarm::address).containsExactly("10.6.6.6", "10.0.0.1");
  }

  @Test
  void anAlarmFromBeforeAddressesWereKeptSuppressesItsRepeats() {
    Alarm told = alarmOf(make.nullDeref("a", NOW));
    raised.add(
        new Alarm(
            told.id(),
            told.crash(),
            told.signature(),
            told.host(),
            null,
            null,
            null,
            null,
            told.kind(),
            told.title(),
            told.severity(),
            true,
            NOW,
            "open",
            null,
            1,
            NOW,
            NOW,
            null));
    assertThat(quiet(NOW, make.nullDeref("a", NOW + 1))).containsExactly(Quiet.REPEATED);
  }

  @Test
  void aMachineThatPanicsWithWhatItSurvivedBeforeIsNewsAtTheSameSeverityToo() {
    make.panicked = false;
    assertThat(quiet(NOW, make.nullDeref("a", NOW))).containsExactly((Quiet) null);
    make.panicked = true;
    assertThat(quiet(NOW, make.nullDeref("a", NOW + 5))).containsExactly((Quiet) null);
    assertThat(quiet(NOW, make.nullDeref("a", NOW + 9))).containsExactly(Quiet.REPEATED);
  }

  @Test
  void aCrashThatBecomesWorseUpdatesItsAlarmOnce() {
    make.panicked = false;
    Crash oops = make.lockup("a", NOW);
    quiet(NOW, oops);
    Alarm before = raised.getLast();
    Crash panic = Crashes.worse(oops, Severity.CRITICAL);

    Ruling update = changed(panic, before);
    assertThat(update.quiet()).isNull();
    assertThat(update.before()).isEqualTo(before);
    Alarm after = Objects.requireNonNull(update.alarm());
    assertThat(after.id()).isEqualTo(before.id());
    assertThat(after.severity()).isEqualTo(Severity.CRITICAL);
    assertThat(after.panicked()).isTrue();
    assertThat(rule(new News.Seen(++number, panic, after))).isEmpty();
    assertThat(rule(new News.Seen(++number, oops, after))).as("read again").isEmpty();
  }

  @Test
  void anUpdateIsNotHeldByTheMinutesCap() {
    make.panicked = false;
    Crash oops = make.lockup("a", NOW);
    quiet(NOW, oops);
    Alarm before = raised.getLast();
    Crash[] others = new Crash[10];
    Arrays.setAll(others, i -> make.nullDeref("host" + i, NOW));
    assertThat(quiet(NOW, others)).contains(Quiet.STORM);
    assertThat(changed(Crashes.worse(oops, Severity.CRITICAL), before).quiet()).isNull();
  }

  @Test
  void anAlarmThatWasNotNotifiedIsNotifiedOnceItsCrashBecomesWorseAndTheReasonIsGone() {
    make.panicked = false;
    Crash oops = make.lockup("a", NOW);
    Ruling ignored =
        news.rule(
                List.of(new News.Seen(++number, oops, null)),
                this::last,
                Set.of(Crashes.LOCKUP),
                NOW,
                NOW)
            .getFirst();
    Alarm before = Objects.requireNonNull(ignored.alarm());
    assertThat(before.reason()).isEqualTo("ignored");
    raised.add(before);

    Ruling first = changed(Crashes.worse(oops, Severity.CRITICAL), before);
    assertThat(first.quiet()).isNull();
    assertThat(first.before()).as("notified for the first time").isNull();
    assertThat(Objects.requireNonNull(first.alarm()).reason()).isNull();
  }

  @Test
  void aCrashThatWasHeldIsNotifiedWhenItHappensAgain() {
    Crash[] others = new Crash[4];
    Arrays.setAll(others, i -> make.nullDeref("host" + i, NOW));
    quiet(NOW, others);
    assertThat(quiet(NOW, make.nullDeref("a", NOW))).containsExactly(Quiet.STORM);
    Alarm held = raised.getLast();
    assertThat(quiet(NOW, make.nullDeref("a", NOW + 1)))
        .as("one held alarm stands for both")
        .containsExactly(Quiet.REPEATED);

    long later = NOW + TimeUnit.MINUTES.toMicros(1);
    news.endedWindow(later);
    Ruling again = changed(make.nullDeref("a", later), null, later);
    assertThat(again.quiet()).isNull();
    assertThat(again.last()).as("which it replaces").isEqualTo(held);
  }

  private Ruling changed(Crash crash, @Nullable Alarm before) {
    return changed(crash, before, NOW);
  }

  private Ruling changed(Crash crash, @Nullable Alarm before, long nowMicros) {
    return news.rule(
            List.of(new News.Seen(++number, crash, before)),
            this::last,
            Set.of(),
            nowMicros,
            nowMicros)
        .getFirst();
  }

  private List<Ruling> rule(News.Seen seen) {
    return news.rule(List.of(seen), this::last, Set.of(), NOW, NOW);
  }

  private Alarm alarmOf(Crash crash) {
    return Objects.requireNonNull(
        new News(withSeverity(Severity.ERROR), 0, null)
            .rule(
                List.of(new News.Seen(1, crash, null)),
                (origin, at) -> Optional.empty(),
                Set.of(),
                NOW,
                NOW)
            .getFirst()
            .alarm());
  }

  private List<Quiet> quiet(long nowMicros, Crash... crashes) {
    List<News.Seen> changes =
        Arrays.stream(crashes).map(crash -> new News.Seen(++number, crash, null)).toList();
    List<Ruling> rulings = news.rule(changes, this::last, Set.of(), nowMicros, nowMicros);
    rulings.stream().map(Ruling::alarm).filter(alarm -> alarm != null).forEach(raised::add);
    return rulings.stream().map(Ruling::quiet).toList();
  }

  private Optional<Alarm> last(Ledger.Origin origin, long atMicros) {
    return raised.stream()
        .filter(it -> origin.part() == null || it.part() == null || it.part().equals(origin.part()))
        .filter(it -> it.signature().equals(origin.signature()) && it.host().equals(origin.host()))
        .filter(it -> it.address() == null || it.address().equals(origin.address()))
        .filter(it -> it.raisedAtMicros() <= atMicros)
        .max((a, b) -> Long.compare(a.raisedAtMicros(), b.raisedAtMicros()));
  }

  private static AlertSettings withSeverity(Severity severity) {
    AlertSettings standard = AlertSettings.DEFAULT;
    return new AlertSettings(
        standard.repeat(), standard.maxAge(), severity, 4, standard.publicUrl(), List.of());
  }
}
