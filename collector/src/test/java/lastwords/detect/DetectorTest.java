package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lastwords.kernel.Boot;
import lastwords.kernel.Crash;
import lastwords.kernel.Gap;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectorTest {
  private static final long SECOND = 1_000_000;

  /// The uptime of a host that tells none.
  private static final long UNKNOWN = -1;

  private static final List<String> OOPS =
      List.of(
          "BUG: kernel NULL pointer dereference, address: 0000000000000000",
          "Oops: 0002 [#1] PREEMPT SMP NOPTI",
          "CPU: 1 PID: 176 Comm: sh Not tainted 6.1.0 #1",
          "RIP: 0010:do_harm+0x9/0x20 [harm]",
          "Call Trace:",
          " <TASK>",
          " harm_write+0x18/0x30 [harm]",
          " ? guess+0x1/0x2",
          " vfs_write+0xfb/0x450",
          " ksys_write+0x6f/0xf0",
          " do_syscall_64+0x87/0x1b0",
          " </TASK>");
  private static final String END = "---[ end trace 0000000000000000 ]---";

  private final List<Crash> told = new ArrayList<>();
  private final Counters counters = new Counters();
  private final Detector detector = new Detector(told::add, counters);
  private long offset = 100;
  private long now = 1_000 * SECOND;
  private long uptime = 50 * SECOND;
  private @Nullable String caller;
  private int cpu = -1;
  private @Nullable String task;
  private int facility;

  @Test
  void aCrashIsToldWhenItsReportWentQuiet() {
    say(OOPS);
    assertThat(told).isEmpty();
    assertThat(detector.deadlineMicros()).isEqualTo(now + SECOND);
    detector.advance(now + SECOND);
    assertThat(told)
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.kind()).isEqualTo("null-deref");
              assertThat(c.complete()).isFalse();
              assertThat(c.guilty()).isEqualTo("do_harm");
              assertThat(c.id()).isEqualTo("c100");
              assertThat(c.report()).isEqualTo(OOPS);
            });
  }

  @Test
  void aCrashIsToldTwoSecondsAfterItsHeadlineEvenWhileLinesKeepComing() {
    say(OOPS);
    for (int i = 0; i < 5 && told.isEmpty(); i++) {
      now += SECOND / 2;
      say("R15: " + i);
    }
    assertThat(told).hasSize(1);
    assertThat(now).isEqualTo(1_002 * SECOND);
  }

  @Test
  void aReportIsCompleteAfterItsEndMarkAndWhatFollowsIsNotItsOwn() {
    say(OOPS);
    say(END);
    say("Code: 0f 0b 48 8b 07");
    detector.advance(now + 2 * SECOND);
    assertThat(told)
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.complete()).isTrue();
              assertThat(c.report()).endsWith(END);
            });
    assertThat(detector.isAtRest()).isTrue();
  }

  @Test
  void aReportWithoutAnEndMarkIsCompletedByQuietUnderTheSameId() {
    say(OOPS);
    detector.advance(now + SECOND);
    assertThat(detector.isAtRest()).isFalse();
    detector.advance(now + 5 * SECOND);
    assertThat(told).extracting(Crash::id).containsExactly("c100", "c100");
    assertThat(told).extracting(Crash::complete).containsExactly(false, true);
    assertThat(told).extracting(Crash::signature).containsOnly(told.getFirst().signature());
    assertThat(detector.deadlineMicros()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void linesThatTookLongToArriveStillBelongToTheReport() {
    say(OOPS.subList(0, 4));
    now += 22 * SECOND;
    say(OOPS.subList(4, OOPS.size()));
    detector.end();
    assertThat(told).extracting(Crash::id).containsOnly("c100");
    assertThat(told.getLast().report()).isEqualTo(OOPS);
  }

  @Test
  void thePanicThatAFaultLeadsToCompletesIt() {
    say(OOPS);
    say(END);
    detector.advance(now + 2 * SECOND);
    uptime += 30 * SECOND;
    say("Kernel panic - not syncing: Fatal exception in interrupt");
    say("---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---");
    detector.end();
    assertThat(told).extracting(Crash::id).containsExactly("c100", "c100");
    assertThat(told).extracting(Crash::panicked).containsExactly(false, true);
    assertThat(told).extracting(Crash::title).containsOnly(told.getFirst().title());
  }

  @Test
  void aPanicLongAfterAFaultIsACrashOfItsOwn() {
    say(OOPS);
    say(END);
    uptime += 100 * SECOND;
    say("Kernel panic - not syncing: Fatal exception");
    detector.end();
    assertThat(told).extracting(Crash::kind).containsExactly("null-deref", "panic");
  }

  @Test
  void aCorrectedErrorBetweenAFaultAndItsPanicIsNotBlamed() {
    say(OOPS);
    say(END);
    say("EDAC MC0: 1 CE memory read error on DIMM_A1 (channel:1 slot:0 page:0x1)");
    say("Kernel panic - not syncing: Fatal exception");
    detector.end();
    assertThat(told)
        .filteredOn(Crash::panicked)
        .extracting(Crash::kind)
        .containsExactly("null-deref");
  }

  @Test
  void aCorrectedErrorAloneDoesNotExplainAPanicThatIsNotAboutHardware() {
    say("EDAC MC0: 1 CE memory read error on DIMM_A1 (channel:1 slot:0 page:0x1)");
    say("Kernel panic - not syncing: Fatal exception");
    detector.end();
    assertThat(told).extracting(Crash::kind).containsExactly("edac-ce", "panic");
    assertThat(told).extracting(Crash::panicked).containsExactly(false, true);
  }

  @Test
  void aPanicAboutHardwareIsTheHardwaresAlsoAfterAFault() {
    say("mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 5: be00000000800400");
    say(OOPS);
    say(END);
    say("Kernel panic - not syncing: Fatal local machine check");
    detector.end();
    assertThat(told).filteredOn(Crash::panicked).extracting(Crash::kind).containsExactly("mce");
  }

  @Test
  void aPanicForWantOfMemoryIsTheKillersAlsoAfterAWarning() {
    say("Out of memory: Killed process 77 (db) total-vm:1kB, anon-rss:1kB");
    detector.advance(now + 10 * SECOND);
    say(OOPS);
    say(END);
    say("Kernel panic - not syncing: System is deadlocked on memory");
    detector.end();
    assertThat(told).filteredOn(Crash::panicked).extracting(Crash::kind).containsOnly("oom-kill");
  }

  @Test
  void aPanicIsRatherOfTheFaultBeforeItThanOfPanicsThatWereMadeUp() {
    for (int i = 0; i < 12; i++) {
      caller = "T" + i;
      say("Kernel panic - not syncing: made up " + i);
    }
    caller = null;
    say(OOPS);
    say(END);
    now += 20 * SECOND;
    detector.advance(now);
    say("Kernel panic - not syncing: Fatal exception");
    detector.end();
    assertThat(told)
        .filteredOn(crash -> crash.kind().equals("null-deref"))
        .extracting(Crash::panicked)
        .containsExactly(false, true);
  }

  @Test
  void aPanicThatAFileSystemForcesIsTheErrorsOfItsDevice() {
    say("EXT4-fs error (device vda): htree_dirblock_to_tree:1051: inode #14: comm ls: bad entry");
    say("EXT4-fs error (device vdb): htree_dirblock_to_tree:1051: inode #14: comm ls: bad entry");
    say("Kernel panic - not syncing: EXT4-fs (device vda): panic forced after error");
    detector.end();
    assertThat(told).filteredOn(Crash::panicked).extracting(Crash::part).containsOnly("vda");
    assertThat(told).filteredOn(c -> "vdb".equals(c.part())).hasSize(1).noneMatch(Crash::panicked);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FAT-fs (sda1): error, fat_get_cluster: invalid cluster chain | FAT-fs (sda1): fs panic from previous error
          OCFS2: ERROR (device dm-3): ocfs2_validate_gd_self: bad group | OCFS2: (device dm-3): panic forced after error
          device-mapper: verity: 254:0: data block 9 is corrupted | dm-verity device corrupted
          """)
  void aPanicThatStorageForcesBelongsToTheErrorBeforeIt(String error, String panic) {
    say(error);
    say("Kernel panic - not syncing: " + panic);
    detector.end();
    assertThat(told.getLast().panicked()).isTrue();
    assertThat(told.getLast().report().getFirst()).contains(error);
    assertThat(told).extracting(Crash::kind).doesNotContain("panic");
  }

  @Test
  void aStorageErrorExplainsNoOtherPanic() {
    say("EXT4-fs error (device vda): htree_dirblock_to_tree:1051: inode #14: comm ls: bad entry");
    say("Kernel panic - not syncing: Fatal exception");
    detector.end();
    assertThat(told).filteredOn(Crash::panicked).extracting(Crash::kind).containsExactly("panic");
  }

  @Test
  void aPanicLongAfterAFaultIsItsOwnAlsoWhereTheHostTellsNoTime() {
    uptime = UNKNOWN;
    say(OOPS);
    say(END);
    now += 70 * SECOND;
    say("eth0: all is well");
    say("Kernel panic - not syncing: Fatal exception");
    detector.end();
    assertThat(told).filteredOn(Crash::panicked).extracting(Crash::kind).containsExactly("panic");
  }

  @Test
  void aPanicSoonAfterAFaultCompletesItAlsoWhereTheHostTellsNoTime() {
    uptime = UNKNOWN;
    say(OOPS);
    say(END);
    detector.advance(now + 10 * SECOND);
    now += 50 * SECOND;
    Detector next = new Detector(told::add, counters);
    next.load(detector.save());
    next.accept(message("Kernel panic - not syncing: Fatal exception"));
    next.end();
    assertThat(told).extracting(Crash::kind).containsOnly("null-deref");
    assertThat(told.getLast().panicked()).isTrue();
  }

  @Test
  void aPanicIsToldWhateverElseWasToldBefore() {
    boot("b1", null);
    failDisks(2 * Repeats.MAX_CRASHES);
    say("Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)");
    boot("b2", "b1");
    assertThat(told).extracting(Crash::kind).containsOnlyOnce("panic");
  }

  @Test
  void aFaultThatLedToAPanicIsToldWhateverElseWasToldBefore() {
    boot("b1", null);
    failDisks(2 * Repeats.MAX_CRASHES);
    caller = "T176";
    say(OOPS);
    say(END);
    detector.advance(now + 2 * SECOND);
    assertThat(told).last().extracting(Crash::panicked).isEqualTo(false);
    say("Kernel panic - not syncing: Fatal exception");
    boot("b2", "b1");
    assertThat(told).last().extracting(Crash::kind).isEqualTo("null-deref");
    assertThat(told.getLast().panicked()).isTrue();
  }

  @Test
  void aPanicAfterTooManyInTheBootBeforeIsPublishedAndExplainsTheRestart() {
    boot("b1", null);
    for (int i = 0; i < 2 * Repeats.MAX_DOWN; i++) {
      say("Kernel panic - not syncing: made up " + "z".repeat(1 + i % 20) + "y".repeat(i / 20));
      say("Call Trace:");
    }
    boot("b2", "b1");
    say("Kernel panic - not syncing: one too many");
    boot("b3", "b2");
    assertThat(told).last().extracting(Crash::kind).isEqualTo("panic");
    assertThat(told.getLast().title()).endsWith("one too many");
  }

  @Test
  void aCollectorsClockSetBackKeepsNoTroubleFromBeingTold() {
    failDisks(2 * Repeats.MAX_CRASHES);
    detector.end();
    int published = told.size();
    long heldSeconds = Repeats.MAX_CRASHES / 20;
    assertThat(published)
        .isBetween(Repeats.MAX_CRASHES + 1, Repeats.MAX_CRASHES + 2 * (int) heldSeconds);
    now -= 5 * 3_600 * SECOND;
    failDisks(3);
    detector.end();
    assertThat(told).hasSize(published + 3);
  }

  private void failDisks(int count) {
    for (int i = 0; i < count; i++) {
      now += SECOND / 20;
      caller = "T" + i;
      say("I/O error, dev nvme" + i + "n1, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1");
    }
  }

  @Test
  void aHeadlineThatIsReplayedAfterItWasToldIsOneCrash() {
    say(OOPS.getFirst());
    detector.advance(now + SECOND);
    assertThat(told).hasSize(1);
    say(Preface.REPLAYING);
    say(OOPS);
    say(END);
    detector.end();
    assertThat(told).extracting(Crash::id).containsOnly("c100");
    assertThat(told.getLast().guilty()).isEqualTo("do_harm");
    assertThat(told.getLast().complete()).isTrue();
  }

  @Test
  void whatAWarningIsAboutIsOneCrashAlsoAfterTheWarningWasTold() {
    say("WARNING: CPU: 1 PID: 0 at net/sched/sch_generic.c:467 dev_watchdog+0x1/0x2");
    detector.advance(now + SECOND);
    assertThat(told).hasSize(1);
    say("NETDEV WATCHDOG: eth0 (nic): transmit queue 0 timed out");
    say("CPU: 1 PID: 0 Comm: swapper/1 Not tainted 6.1.0 #1");
    say("RIP: 0010:dev_watchdog+0x1/0x2");
    say("Call Trace:");
    say(" call_timer_fn+0x1/0x2");
    say(END);
    detector.end();
    assertThat(told).extracting(Crash::id).containsOnly("c100");
    assertThat(told.getLast().complete()).isTrue();
    assertThat(told.getLast().report()).hasSize(7);
  }

  @Test
  void aRestartIsUnannouncedWhereAMachineContinuedAfterItsShutdownMessage() {
    boot("b1", null);
    say("dock: Bye!");
    now += SECOND;
    for (int i = 0; i < ShutdownMessage.BEGUN_LINES; i++) {
      say("eth0: all is well");
    }
    boot("b2", "b1");
    say("reboot: Power down.");
    now += 3_600 * SECOND;
    say("eth0: all is well");
    boot("b3", "b2");
    assertThat(told).extracting(Crash::kind).containsExactly("reboot", "reboot");
  }

  @Test
  void aRestartIsAnnouncedThoughMuchIsSaidWhileTheMachineGoesDown() {
    boot("b1", null);
    say("systemd-shutdown[1]: Syncing filesystems and block devices.");
    for (int i = 0; i < 60; i++) {
      say("sd 0:0:" + i + ":0: [sd" + i + "] Synchronizing SCSI cache");
      say("sd 0:0:" + i + ":0: [sd" + i + "] Stopping disk");
    }
    now += 2 * 3_600 * SECOND;
    boot("b2", "b1");
    assertThat(told).extracting(Crash::kind).containsExactly("restart");
  }

  @Test
  void aPanicHoursAfterAnIncidentIsACrashOfItsOwnThoughOnlyHealthyLinesCameBetween() {
    say("mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 5: be00000000800400");
    for (int hour = 0; hour < 3; hour++) {
      now += 3_600 * SECOND;
      uptime += 3_600 * SECOND;
      say("eth0: all is well");
    }
    say("Kernel panic - not syncing: Fatal exception in interrupt");
    detector.end();
    assertThat(told).extracting(Crash::kind).containsExactly("mce", "panic");
    assertThat(told).extracting(Crash::panicked).containsExactly(false, true);
  }

  @Test
  void afterAnIncidentHealthyLinesAreSoonOnlyRememberedAgain() {
    say("mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 5: be00000000800400");
    for (int i = 0; i < 10 * Report.GOES_ON_WITHIN; i++) {
      say("eth0: all is well");
    }
    assertThat(detector.work()).isLessThan(2 * Report.GOES_ON_WITHIN);
  }

  @Test
  void aPanicWithACauseOfItsOwnIsACrashOfItsOwnAlsoAfterAFault() {
    say(OOPS);
    say(END);
    say("Kernel panic - not syncing: sysrq triggered crash");
    detector.end();
    assertThat(told).extracting(Crash::kind).containsExactly("null-deref", "panic");
    assertThat(told).extracting(Crash::panicked).containsExactly(false, true);
  }

  @Test
  void callersTellApartReportsThatAreWovenTogether() {
    List<String> other = OOPS.stream().map(l -> l.replace("do_harm", "do_worse")).toList();
    for (int i = 0; i < OOPS.size(); i++) {
      caller = "T176";
      say(OOPS.get(i));
      caller = "T188";
      say(other.get(i));
    }
    detector.end();
    assertThat(told).extracting(Crash::guilty).containsExactly("do_harm", "do_worse");
    assertThat(told.getFirst().report()).isEqualTo(OOPS);
  }

  @Test
  void theCpuTellsReportsApartWhereNoCallerDoes() {
    List<String> other = OOPS.stream().map(l -> l.replace("do_harm", "do_worse")).toList();
    task = "java";
    for (int i = 0; i < OOPS.size(); i++) {
      cpu = 1;
      say(OOPS.get(i));
      cpu = 2;
      say(other.get(i));
    }
    detector.end();
    assertThat(told).extracting(Crash::guilty).containsExactly("do_harm", "do_worse");
  }

  @Test
  void whatAProgramWritesIsNeverACrashNorPartOfOne() {
    facility = 1;
    say(OOPS);
    facility = 0;
    say(OOPS.subList(0, 6));
    facility = 1;
    say(" evil+0x1/0x2");
    say("Kernel panic - not syncing: just kidding");
    facility = 0;
    say(OOPS.subList(6, OOPS.size()));
    detector.end();
    assertThat(told)
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.report()).isEqualTo(OOPS);
              assertThat(c.panicked()).isFalse();
            });
  }

  @Test
  void aMessageOfSeveralLinesIsReadLineByLine() {
    say(String.join("\n", OOPS));
    detector.end();
    assertThat(told).singleElement().satisfies(c -> assertThat(c.report()).isEqualTo(OOPS));
  }

  @Test
  void theLastWordsAreTheLinesBeforeTheHeadline() {
    for (int i = 0; i < 60; i++) {
      say("line " + i);
    }
    say(OOPS);
    detector.end();
    assertThat(told.getFirst().lastWords()).hasSize(50).startsWith("line 10").endsWith("line 59");
  }

  @Test
  void aTaskThatAndroidShowsOnAnotherCpuIsTheSame() {
    for (int i = 0; i < OOPS.size(); i++) {
      caller = "T176@C" + i % 4;
      say(OOPS.get(i));
    }
    detector.end();
    assertThat(told).singleElement().satisfies(c -> assertThat(c.report()).isEqualTo(OOPS));
  }

  @Test
  void aClockThatJumpsInsideAReportDoesNotEndIt() {
    say(OOPS.getFirst());
    uptime += 10_000 * SECOND;
    say(OOPS.subList(1, OOPS.size()));
    detector.end();
    assertThat(told).singleElement().satisfies(c -> assertThat(c.report()).isEqualTo(OOPS));
  }

  @Test
  void aClockThatJumpsBehindTheHeadlineDoesNotEndTheReport() {
    say("INFO: trying to register non-static key.");
    uptime += 10_000 * SECOND;
    say("the code is fine but needs lockdep annotation.");
    say(OOPS.subList(4, OOPS.size()));
    detector.end();
    assertThat(told).singleElement().satisfies(c -> assertThat(c.guilty()).isEqualTo("harm_write"));
  }

  @Test
  void aFaultOfLockdepWhileItReportsIsItsReports() {
    caller = "T176";
    say("WARNING: Nested lock was not taken");
    say("but this task is not holding:");
    say(OOPS);
    detector.end();
    assertThat(told)
        .singleElement()
        .satisfies(c -> assertThat(c.title()).startsWith("WARNING: nested lock was not taken in "));
  }

  @Test
  void aFrameBehindTwoMarksIsAFrame() {
    say(OOPS.subList(0, 7));
    say(" <<EOE>> <IRQ>  [<ffffffff81584ca7>] ip_local_deliver+0x47/0x80");
    detector.end();
    assertThat(told.getFirst().frames().getLast().function()).isEqualTo("ip_local_deliver");
  }

  @Test
  void aReportThatGoesOnAndOnIsReadAFewTimesOnly() {
    say(OOPS);
    say(END);
    for (int i = 0; i < 1_000; i++) {
      say("Kernel panic - not syncing: Fatal exception");
      now += 10 * SECOND;
    }
    detector.end();
    assertThat(told.stream().filter(c -> "c100".equals(c.id())).count())
        .isLessThanOrEqualTo(2L + 2 * Report.MAX_REOPENED);
  }

  @Test
  void aGapInsideAReportIsCounted() {
    say(OOPS.subList(0, 5));
    detector.accept(new Gap("h", "b1", 10, 12, 0));
    say(OOPS.subList(5, OOPS.size()));
    detector.end();
    assertThat(told.getFirst().linesLost()).isEqualTo(3);
    assertThat(told.getFirst().guilty()).isEqualTo("do_harm");
  }

  @Test
  void aReportKeepsNoMoreLinesThanItsLimit() {
    say(OOPS);
    for (int i = 0; i < Report.MAX_LINES; i++) {
      say(" more+0x1/0x2");
    }
    detector.end();
    assertThat(told.getLast().report()).hasSize(Report.MAX_LINES);
    assertThat(told.getLast().linesLost()).isEqualTo(OOPS.size());
    assertThat(counters.linesDropped().sum()).isEqualTo(OOPS.size());
  }

  @Test
  void theSameFaultAgainInOneBootIsSuppressedAndSoonOnlyCounted() {
    for (int i = 0; i < 12; i++) {
      say(OOPS);
      say(END);
      uptime += 200 * SECOND;
      now += 200 * SECOND;
    }
    detector.end();
    assertThat(told).hasSize(Repeats.MAX_REPEATS);
    assertThat(told).extracting(Crash::suppressed).startsWith(false, true, true);
    assertThat(counters.repeats().sum()).isEqualTo(12 - Repeats.MAX_REPEATS);
  }

  @Test
  void aDiskThatFailsAndFailsIsOneCrashUntilItWasQuiet() {
    String error =
        "I/O error, dev sda, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2";
    for (int i = 0; i < 100; i++) {
      say(error);
      now += 10 * SECOND;
    }
    say(error.replace("sda", "sdb"));
    now += 700 * SECOND;
    say(error);
    detector.end();
    assertThat(told).extracting(c -> c.attrs().get("device")).containsExactly("sda", "sdb", "sda");
  }

  @Test
  void whatFollowsInADamagedKernelIsSuppressed() {
    say(OOPS);
    say(END);
    say("WARNING: CPU: 0 PID: 0 at kernel/context_tracking.c:128 ct_kernel_exit+0x1/0x2");
    say("CPU: 0 PID: 0 Comm: swapper/0 Tainted: G      D            6.1.0 #1");
    say("RIP: 0010:ct_kernel_exit+0x1/0x2");
    say("Call Trace:");
    say(" cpu_startup_entry+0x1/0x2");
    detector.end();
    assertThat(told).extracting(Crash::suppressed).containsExactly(false, true);
  }

  @Test
  void aRestartThatNothingAnnouncedIsACrash() {
    boot("b1", null);
    say("all is well");
    boot("b200", "b1");
    assertThat(told)
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.kind()).isEqualTo("reboot");
              assertThat(c.id()).startsWith("r");
              assertThat(c.boot()).isEqualTo("b200");
              assertThat(c.report()).containsExactly("all is well");
            });
  }

  @Test
  void aRestartAfterAShutdownMessageIsAnnouncedAndOneAfterAPanicIsNone() {
    boot("b1", null);
    say("reboot: Restarting system");
    boot("b2", "b1");
    say("Kernel panic - not syncing: sysrq triggered crash");
    boot("b3", "b2");
    assertThat(told).extracting(Crash::kind).containsExactly("restart", "panic");
  }

  @Test
  void aRestartOfAMachineNotSeenBeforeIsNone() {
    boot("b2", "b1");
    assertThat(told).isEmpty();
  }

  @Test
  void aBootEndsTheReportsOfTheOneBefore() {
    boot("b1", null);
    say(OOPS);
    boot("b2", "b1");
    assertThat(told).extracting(Crash::kind).containsExactly("null-deref", "reboot");
    assertThat(told.getFirst().complete()).isTrue();
  }

  @Test
  void whatWasSavedExplainsThePanicAfterARestartOfTheProgram() {
    say("before");
    say(OOPS);
    say(END);
    detector.advance(now + 10 * SECOND);
    assertThat(detector.isAtRest()).isTrue();

    List<Crash> later = new ArrayList<>();
    Detector next = new Detector(later::add, new Counters());
    next.load(detector.save());
    next.accept(message("Kernel panic - not syncing: Fatal exception"));
    next.end();
    assertThat(later)
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.id()).isEqualTo("c101");
              assertThat(c.panicked()).isTrue();
              assertThat(c.lastWords()).containsExactly("before");
              assertThat(c.signature()).isEqualTo(told.getLast().signature());
            });
  }

  @Test
  void whatWasSavedTellsAnUnannouncedRestart() {
    boot("b1", null);
    say("all is well");
    Detector next = new Detector(told::add, counters);
    next.load(detector.save());
    next.accept(new Boot("b9", "h", "192.0.2.1", 900, now, "b1", now));
    assertThat(told).extracting(Crash::kind).containsExactly("reboot");
  }

  @Test
  void wordsThatOnlyLookLikeAReportAreNone() {
    say("WARNING: this mount option is deprecated");
    say("INFO: lockdep is turned off.");
    say("systemd[1]: Starting Load Kernel Module pstore_blk - panic and oops collector...");
    detector.end();
    assertThat(told).isEmpty();
  }

  @Test
  void aHostileFloodOfHeadlinesIsBounded() {
    for (int i = 0; i < 1_000; i++) {
      caller = "T" + i;
      say(OOPS.getFirst());
    }
    assertThat(counters.reportsCutShort().sum()).isEqualTo(1_000 - OpenReports.MAX);
    assertThat(told).hasSizeLessThanOrEqualTo(Repeats.MAX_REPEATS);
  }

  @Test
  void moreCrashesThanAMachineInTroubleHasToTellAreOnlyCounted() {
    for (int i = 0; i < 1_000; i++) {
      say("Kernel panic - not syncing: made up " + Integer.toString(i, 36) + "x");
      say("Call Trace:");
    }
    detector.end();
    assertThat(told).hasSizeBetween(Repeats.MAX_DOWN + 1, Repeats.MAX_DOWN + 2);
    assertThat(counters.repeats().sum()).isEqualTo(1_000 - told.size());
  }

  @Test
  void aReportThatCantBeReadIsToldByItsHeadlineAndTakesNoOtherWithIt() {
    Detector failing =
        new Detector(
            told::add,
            counters,
            new Budget(),
            (report, complete) -> {
              if (report.lines.contains(" harm_write+0x18/0x30 [harm]")) {
                throw new IllegalArgumentException("what nobody thought of");
              }
              return Reading.of(report, complete, counters.crashesCut());
            });
    OOPS.forEach(line -> failing.accept(message(line)));
    failing.accept(message(END));
    caller = "T2";
    failing.accept(message("kernel BUG at fs/harm.c:7!"));
    failing.end();
    assertThat(told).extracting(Crash::kind).containsExactly("null-deref", "bug-on");
    Crash crash = told.getFirst();
    assertThat(crash.title()).isEqualTo("BUG: kernel NULL pointer dereference, address: ADDR");
    assertThat(crash.corrupted()).isTrue();
    assertThat(crash.report()).hasSize(OOPS.size() + 1).startsWith(OOPS.toArray(String[]::new));
    assertThat(crash.host()).isEqualTo("h");
    assertThat(crash.id()).isEqualTo("c100");
    assertThat(counters.unreadable().sum()).isEqualTo(1);
    assertThat(counters.crashes().sum()).isEqualTo(2);
  }

  private void say(List<String> lines) {
    lines.forEach(this::say);
  }

  private void say(String text) {
    detector.accept(message(text));
  }

  private void boot(String id, @Nullable String previous) {
    detector.accept(
        new Boot(id, "h", "192.0.2.1", offset, now, previous, previous == null ? -1 : now));
    boot = id;
  }

  private String boot = "b1";

  private KernelMessage message(String text) {
    uptime += uptime == UNKNOWN ? 0 : 100;
    return new KernelMessage(
        Position.of(offset++, 0),
        now,
        "h",
        "192.0.2.1",
        boot,
        facility,
        4,
        offset,
        uptime,
        caller,
        cpu,
        task,
        "6.1.0",
        text,
        Map.of(),
        Map.of());
  }
}
