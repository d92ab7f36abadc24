package lastwords.assemble;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.DataOutput;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import lastwords.kernel.Boot;
import lastwords.kernel.Datagram;
import lastwords.kernel.Event;
import lastwords.kernel.Gap;
import lastwords.kernel.Host;
import lastwords.kernel.HostSource;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Run;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostStreamsTest {
  private static final long SECOND = 1_000_000;
  private static final int EXTENDED = 6665;
  private static final int BASIC = 6664;

  /// What the program that wrote states of version 4 saved of a host.
  private static final String VERSION_4 =
      "BAAGYMS/UuAAAAZgxL9S4AMABmDEv1LgAwEAAAAAAAAAAAQAAAAAAAAAAgAAAAAAAAAAAAAAAAAAAAAAAAAA"
          + "AAAAAAAAAAEAAmIwAAY2LjEyLjkABjYuMTIuOQAeRGVsbCBJbmMuIFI2NTAvMFBZLCBCSU9TIDEuNC40AAAA"
          + "BmDEv1LgAAEABGRiNDIBAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAGAAAAAAAAAAUAAAAAAA9CQgAGYMS/Q53B"
          + "AAZgxL9S4AMAAAAAAAAABQAAAAAAAAAAAAAAEE8bvN6TpGcGfo9bR78VvpxNqxgjAAAAYwAAAAAAAAAAAAAA"
          + "AAAAAAAcxtUCAAAAZgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAaCQAAAAAAAAABAAAAAAAAAAQAAAAA"
          + "AAAABA==";

  @TempDir Path folder;
  private final List<Event> events = new ArrayList<>();
  private final StreamCounters counters = new StreamCounters();
  private HostStreams streams = streams();
  private long offset;
  private long nowMicros = 1_795_248_000L * SECOND;

  @Test
  void messagesComeInTheOrderOfTheirNumbers() {
    extended(0, 1, "a");
    extended(2, 3, "c");
    extended(1, 2, "b");

    assertThat(texts()).containsExactly("a", "b", "c");
  }

  @Test
  void aNumberThatNeverComesHoldsUpTheOthersForAMomentOnlyAndIsAGap() {
    extended(0, 1, "a");
    extended(3, 3, "d");
    assertThat(texts()).containsExactly("a");

    pass(SequenceOrder.WAIT_MICROS);

    assertThat(texts()).containsExactly("a", "d");
    assertThat(gaps()).containsExactly("1-2");
    Host host = host();
    assertThat(host.sequenceGaps()).isEqualTo(2);
    assertThat(host.messagesLost()).isZero();
  }

  @Test
  void lastWordsAfterALostDatagramWaitForNobody() {
    extended(0, 1, "a");
    for (int i = 2; i < 20; i++) {
      pass(3_000);
      extended(i, i, "line " + i);
    }

    pass(SECOND);

    assertThat(texts()).hasSize(19).endsWith("line 18", "line 19");
  }

  @Test
  void messageThatComesTooLateIsStillSaidAndNoLongerAGap() {
    extended(0, 1, "a");
    extended(2, 3, "c");
    pass(SECOND);

    extended(1, 2, "b");

    assertThat(texts()).containsExactly("a", "c", "b");
    assertThat(host().sequenceGaps()).isZero();
    assertThat(counters.late.sum()).isEqualTo(1);
  }

  @Test
  void duplicateIsDroppedAndCounted() {
    extended(5, SECOND, "a");
    extended(5, SECOND, "a");
    extended(6, SECOND + 1, "b");
    extended(5, SECOND, "a");
    pass(SECOND);

    assertThat(texts()).containsExactly("a", "b");
    Host host = host();
    assertThat(host.duplicates()).isEqualTo(2);
    assertThat(host.boots()).isEqualTo(1);
  }

  @Test
  void msgidTellsLossFromSuppression() {
    send(EXTENDED, "6,10,1000000,-;a\n msgid=1\n");
    send(EXTENDED, "6,20,2000000,-;b\n msgid=2\n");
    pass(SECOND);
    Host quiet = host();
    assertThat(quiet.messagesLost()).isZero();
    assertThat(quiet.sequenceGaps()).isEqualTo(9);

    send(EXTENDED, "6,24,3000000,-;c\n msgid=5\n");
    pass(SECOND);

    assertThat(host().messagesLost()).isEqualTo(2);
    assertThat(counters.messagesLost.sum()).isEqualTo(2);
    assertThat(events).contains(new Gap("10.0.0.1", "b0", 21, 23, 2));
  }

  @Test
  void piecesAreJoinedInAnyOrderTwiceAndAcrossAnEscape() {
    String body = "han \\xe6\\xbc\\xa2 end\n rack=r1\n";
    for (int cut = 1; cut < body.length(); cut++) {
      events.clear();
      streams = streams();
      String first = piece(0, cut, body);
      String second = piece(cut, body.length(), body);
      send(EXTENDED, second);
      send(EXTENDED, second);
      send(EXTENDED, first);
      send(EXTENDED, first);
      pass(SECOND);

      assertThat(messages()).hasSize(1);
      assertThat(messages().getFirst().text()).isEqualTo("han 漢 end");
      assertThat(messages().getFirst().userdata()).containsEntry("rack", "r1");
    }
  }

  @Test
  void largestRecordAKernelCanSendIsJoined() {
    String userdata = (" " + "k".repeat(50) + "%03d=" + "v".repeat(200) + "\n");
    StringBuilder record = new StringBuilder("x".repeat(2_048) + "\n");
    for (int i = 0; i < 256; i++) {
      record.append(userdata.formatted(i));
    }
    String body = record.toString();
    for (int from = body.length() - 900; from > -900; from -= 900) {
      send(EXTENDED, piece(Math.max(0, from), from + 900, body));
    }
    pass(SECOND);

    assertThat(messages().getFirst().text()).hasSize(2_048);
    assertThat(messages().getFirst().userdata()).hasSize(256);
    assertThat(counters.truncated.sum()).isZero();
  }

  @Test
  void recordThatMissesAPieceIsSaidWithTheHoleMarkedAndCounted() {
    send(EXTENDED, "6,1,1000000,-,ncfrag=0/30;the first chunk,");
    extended(2, SECOND, "after");
    pass(SECOND);

    assertThat(texts()).containsExactly("the first chunk,[... 14 bytes missing ...]", "after");
    assertThat(counters.incomplete.sum()).isEqualTo(1);
  }

  @Test
  void lateCompleteCopyOfAnIncompleteRecordIsNoBoot() {
    send(EXTENDED, "6,1,1000000,-,ncfrag=0/30;the first chunk,");
    pass(SECOND);
    send(EXTENDED, "6,1,1000000,-;the first chunk, and so on\n");
    pass(SECOND);

    assertThat(host().boots()).isEqualTo(1);
    assertThat(texts())
        .containsExactly(
            "the first chunk,[... 14 bytes missing ...]", "the first chunk, and so on");
    send(EXTENDED, "6,1,1000000,-;the first chunk, and so on\n");
    send(EXTENDED, "6,1,1000000,-,ncfrag=0/30;the first chunk,");
    pass(SECOND);
    assertThat(host().duplicates()).isEqualTo(2);
  }

  @Test
  void completeRecordTakesTheTurnOfItsIncompleteCopyThatStillWaits() {
    extended(0, SECOND, "a");
    send(EXTENDED, "6,2,1000000,-,ncfrag=0/30;the first chunk,");
    for (int number = 0; number < Fragments.MAX_RECORDS; number++) {
      send(EXTENDED, "6,%d,1000000,-,ncfrag=0/30;further ones,".formatted(100 + number));
    }
    send(EXTENDED, "6,2,1000000,-;the first chunk, and so on\n");
    extended(1, SECOND, "b");

    assertThat(texts()).containsExactly("a", "b", "the first chunk, and so on");
    assertThat(counters.duplicates.sum()).isEqualTo(1);
  }

  @Test
  void forgedFragmentsMakeNoRealRecordADuplicate() {
    long up = 86_400 * SECOND;
    extended(1_000, up, "before");
    for (int number = 1_010; number < 1_510; number++) {
      send(EXTENDED, "6,%d,%d,-,ncfrag=0/400;x".formatted(number, up));
    }
    pass(SECOND);
    events.clear();

    for (int number = 1_001; number < 1_520; number++) {
      extended(number, up + number, "real " + number);
      assertThat(texts()).last().isEqualTo("real " + number);
    }

    assertThat(texts()).hasSize(519);
    assertThat(host().boots()).isEqualTo(1);
  }

  @Test
  void forgedNumbersAndTimesDelayAndReorderNoRecordBehindThem() {
    long up = 86_400 * SECOND;
    List<String> forgeries =
        List.of(
            "6,4611686018427387903,%d,-;forged".formatted(up),
            "6,1400,%d,-;forged".formatted(up),
            "6,1600,%d,-;forged".formatted(up),
            "6,5000,%d,-;forged".formatted(up),
            "6,1,%d,-;forged".formatted(up),
            "6,1102,%d,-;forged".formatted(1L << 60),
            "6,0,0,-;Linux version 6.1 forged",
            "6,7777,%d,-,ncfrag=0/9;x".formatted(up));
    for (String forged : forgeries) {
      events.clear();
      streams = streams();
      long number = 1_000;
      for (int i = 0; i < 100; i++) {
        extended(number, up + number++, "before");
      }
      pass(SECOND);
      send(EXTENDED, forged);
      pass(3_000);
      extended(number, up + number++, "at once");
      assertThat(texts()).as(forged).last().isEqualTo("at once");
      pass(SECOND);
      for (int i = 0; i < 600; i++) {
        pass(3_000);
        extended(number, up + number, "real " + number);
        assertThat(texts()).as(forged).last().isEqualTo("real " + number);
        number++;
      }
      extended(number + 1, up + number + 1, "second");
      extended(number, up + number, "first");
      assertThat(texts()).as(forged).endsWith("first", "second");
      assertThat(boots()).as(forged).hasSize(1);
      assertThat(host().sequenceGaps()).isBetween(0L, SequenceOrder.MAX_GAP);
    }
  }

  @Test
  void recordsOfAHostThatReallyJumpedAheadComeInOrderAndAtOnce() {
    long up = 86_400 * SECOND;
    extended(1_000, up, "before");
    extended(9_001, up + 2, "behind the jump");
    extended(9_000, up + 1, "jump");
    pass(SECOND);
    extended(1_001, up, "a straggler");
    extended(9_003, up + 4, "d");
    extended(9_002, up + 3, "c");
    extended(9_004, up + 5, "e");

    assertThat(texts())
        .containsExactly("before", "jump", "behind the jump", "a straggler", "c", "d", "e");
    assertThat(host().boots()).isEqualTo(1);
  }

  @Test
  void gapsAreCountedUpToABoundAndAreNeverNegative() {
    extended(0, SECOND, "a");
    extended(5, SECOND, "b");
    pass(SECOND);
    assertThat(host().sequenceGaps()).isEqualTo(4);
    Checkpoint checkpoint = streams.checkpoint(offset);
    streams = streams();
    goOn(checkpoint.offset(), checkpoint);
    extended(3, SECOND, "late");
    extended(1L << 61, SECOND, "forged");
    pass(SECOND);
    extended((1L << 62) - 1, SECOND, "forged");
    pass(SECOND);

    assertThat(counters.sequenceGapsFilled.sum()).isEqualTo(1);
    assertThat(counters.sequenceGaps.sum()).isEqualTo(4 + 2 * SequenceOrder.MAX_GAP);
    assertThat(host().sequenceGaps()).isEqualTo(3 + 2 * SequenceOrder.MAX_GAP);
  }

  @Test
  void whatNoTextCanHoldKeepsNoHostFromSaving() {
    String junk = "\u00ff".repeat(60_000);
    send(BASIC, "Linux version " + junk + "\n");
    send(BASIC, "Linux version " + junk);
    send(EXTENDED, "6,1,1000000,-;Linux version " + junk + "\n host=" + junk + "\n");
    send(EXTENDED, "6,2,1000000,-;Hardware name: " + junk + "\n");
    pass(2 * SECOND);

    Checkpoint checkpoint = streams.checkpoint(offset);

    assertThat(checkpoint.offset()).isEqualTo(offset);
    assertThat(checkpoint.states()).containsOnlyKeys("10.0.0.1");
    assertThat(checkpoint.states().values()).allMatch(state -> state.bytes().length < 2_000);
    Host host = host();
    assertThat(host.release()).isNull();
    assertThat(host.host()).hasSizeLessThan(300);
    assertThat(counters.hostsFailed.sum()).isZero();
    assertThat(counters.truncated.sum()).isEqualTo(4);
  }

  @Test
  void stateOfTheVersionBeforeIsRead() {
    byte[] version4 = Base64.getDecoder().decode(VERSION_4);
    streams.goOn(
        new Ledger.Place(4, List.of("10.0.0.1")),
        address -> Optional.of(new Checkpoint.State(4, version4)));
    offset = 4;
    nowMicros += 10 * SECOND;
    send(EXTENDED, "6.12.9,6,5,1000002,-;f\n msgid=4\n");
    send(EXTENDED, "6.12.9,6,6,1000003,-;g\n msgid=5\n");

    assertThat(texts()).containsExactly("g");
    assertThat(messages().getFirst().boot()).isEqualTo("b0");
    Host host = host();
    assertThat(host.host()).isEqualTo("db42");
    assertThat(host.messages()).isEqualTo(5);
    assertThat(host.duplicates()).isEqualTo(1);
    assertThat(host.sequenceGaps()).isEqualTo(2);
    assertThat(streams.changedRuns().getLast().hardware()).startsWith("Dell Inc. R650");
  }

  @Test
  void aHostThatFailsBeginsAnewAndStopsNoOther() {
    for (String failing : List.of("accept", "advance", "save", "overflow")) {
      events.clear();
      offset = 0;
      AtomicInteger failures = new AtomicInteger();
      StreamCounters counted = new StreamCounters();
      streams = new HostStreams(() -> new Failing(failing, failures), names(), counted);
      InetAddress other = InetAddress.ofLiteral("10.0.0.2");
      for (int i = 0; i < 20; i++) {
        extended(i, SECOND + i, i == 10 ? "poison" : "line " + i);
        send(other, "6,%d,%d,-;other %d\n".formatted(i, SECOND + i, i));
        pass(SECOND);
        if (i % 4 == 3) {
          Checkpoint checkpoint = streams.checkpoint(offset);
          assertThat(checkpoint.offset()).as(failing).isEqualTo(offset);
          assertThat(checkpoint.states()).containsKey("10.0.0.2");
          streams.kept(checkpoint);
        }
      }

      assertThat(texts()).filteredOn(text -> text.startsWith("other")).as(failing).hasSize(20);
      assertThat(texts()).filteredOn(text -> text.startsWith("line")).as(failing).hasSize(19);
      assertThat(failures.get()).as(failing).isPositive();
      assertThat(counted.hostsFailed.sum()).as(failing).isEqualTo(failures.get());
    }
  }

  @Test
  void outOfMemoryIsNotTakenForTheFaultOfAHost() {
    streams = new HostStreams(() -> new Failing("memory", new AtomicInteger()), names(), counters);

    assertThatThrownBy(() -> extended(0, SECOND, "poison")).isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void hostThatSendsBothFormatsIsTakenOnceAtItsExtendedWord() {
    send(BASIC, "[    1.000001] one\n");
    pass(30_000);
    send(EXTENDED, "4,7,1000001,-;one\n");
    send(EXTENDED, "4,8,1000002,-;two\\x0alines\n");
    send(BASIC, "[    1.000002] two\n[    1.000002] lines\n");
    pass(2 * SECOND);

    assertThat(texts()).containsExactly("one", "two\nlines");
    assertThat(messages()).allMatch(message -> message.sequence() >= 0);
    assertThat(counters.copies.sum()).isEqualTo(2);
    assertThat(host().format()).isEqualTo("both");
  }

  @Test
  void basicRecordWhoseExtendedCopyWasLostIsSaid() {
    extended(7, SECOND, "one");
    send(BASIC, "[    1.000000] one\n");
    send(BASIC, "[    1.000100] two\n");
    pass(2 * SECOND);

    assertThat(texts()).containsExactly("one", "two");
  }

  @Test
  void basicHostIsTakenAtItsWord() {
    send(BASIC, "[    1.000000] one\n");
    send(BASIC, "no time\n");
    pass(SECOND);

    assertThat(texts()).containsExactly("one", "no time");
    assertThat(messages().getFirst().uptimeMicros()).isEqualTo(SECOND);
    assertThat(messages().getFirst().sequence()).isEqualTo(-1);
    assertThat(host().format()).isEqualTo("basic");
  }

  @Test
  void basicLineLongerThanADatagramIsJoined() {
    String line = "[    1.000000] " + "x".repeat(1500);
    send(BASIC, line.substring(0, 1000));
    send(BASIC, line.substring(1000) + "\n");
    send(BASIC, "[    1.100000] next\n");
    pass(SECOND);

    assertThat(texts()).containsExactly("x".repeat(1500), "next");
  }

  @Test
  void linesOfOneBasicDatagramHavePositionsOfTheirOwn() {
    send(BASIC, "[    1.000000] one\n[    1.000000] two\n");
    pass(SECOND);

    assertThat(messages()).extracting(KernelMessage::position).containsExactly(0L, 1L);
  }

  @Test
  void sameNumberWithAnotherTimeIsANewBoot() {
    extended(0, 0, "Linux version 6.12");
    extended(1, 0, "Command line: quiet");
    extended(2, 200_000, "later");
    pass(20 * SECOND);
    long second = offset;
    extended(0, 0, "Linux version 6.12");
    extended(1, 0, "Command line: quiet");
    assertThat(boots()).containsExactly("b0");
    extended(2, 210_000, "later");
    pass(SECOND);

    assertThat(boots()).containsExactly("b0", "b" + second);
    assertThat(texts())
        .containsExactly(
            "Linux version 6.12",
            "Command line: quiet",
            "later",
            "Linux version 6.12",
            "Command line: quiet",
            "later");
    assertThat(events.stream().filter(Boot.class::isInstance).map(Boot.class::cast).toList())
        .last()
        .extracting(Boot::previous, Boot::offset)
        .containsExactly("b0", second);
  }

  @Test
  void reloadedModuleThatSendsItsRingAgainIsNoBoot() {
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 50; i++) {
        extended(i, i < 20 ? 0 : i * 50_000L, "line " + i);
      }
      pass(60 * SECOND);
    }
    extended(50, 62 * SECOND, "network logging started");
    pass(SECOND);

    assertThat(boots()).containsExactly("b0");
    assertThat(messages()).hasSize(51);
    assertThat(host().duplicates()).isEqualTo(50);
  }

  @Test
  void moduleLoadedLaterBringsWhatWasSaidBeforeTheFirstTarget() {
    for (int i = 30; i < 50; i++) {
      extended(i, i * 50_000L, "line " + i);
    }
    pass(60 * SECOND);
    for (int i = 0; i < 50; i++) {
      extended(i, i * 50_000L, "line " + i);
    }
    pass(SECOND);

    assertThat(boots()).containsExactly("b0");
    assertThat(messages()).hasSize(50);
  }

  @Test
  void timeThatGoesBackFarIsANewBootAlsoWhenTheNumberGoesOn() {
    extended(300, 3600 * SECOND, "old");
    pass(30 * SECOND);
    extended(379, 4 * SECOND, "new");
    pass(SECOND);

    assertThat(boots()).hasSize(2);
  }

  @Test
  void clockThatStepsBackWhileCpusComeUpIsNoBoot() {
    extended(100, 6 * SECOND, "a");
    extended(101, 400_000, "smpboot: b");
    extended(102, 6 * SECOND, "c");
    pass(SECOND);

    assertThat(boots()).hasSize(1);
    assertThat(texts()).containsExactly("a", "smpboot: b", "c");
  }

  @Test
  void bootLogThatComesSlowlyIsNoBootWhereItsClockStepsBack() {
    for (int i = 0; i < 200; i++) {
      pass(SECOND / 10);
      send(BASIC, "[    %d.%06d] line %d\n".formatted(i / 100, i, i));
    }
    pass(SECOND / 10);
    send(BASIC, "[    0.400000] smpboot: the clock of a CPU that comes up\n");
    pass(SECOND);

    assertThat(boots()).hasSize(1);
    assertThat(messages()).hasSize(201);
  }

  @Test
  void machineThatIsBackSoonIsANewBootWhenItWasSilentMeanwhile() {
    send(BASIC, "[    6.000000] old\n");
    pass(20 * SECOND);
    send(BASIC, "[    5.000000] new\n");
    pass(SECOND);

    assertThat(boots()).hasSize(2);
  }

  @Test
  void machineStoppedForAWhileIsNoBoot() {
    extended(100, 6 * SECOND, "a");
    pass(35 * SECOND);
    extended(101, 10 * SECOND, "b");
    pass(SECOND);

    assertThat(boots()).hasSize(1);
  }

  @Test
  void otherReleaseIsANewBoot() {
    send(EXTENDED, "6.1.0,6,500,9000000,-;a\n");
    pass(SECOND);
    send(EXTENDED, "6.12.0,6,501,9500000,-;b\n");
    pass(SECOND);

    assertThat(boots()).hasSize(2);
  }

  @Test
  void basicHostBootsWithItsBanner() {
    send(BASIC, "[    5.000000] old\n");
    pass(SECOND);
    send(BASIC, "[    0.000000] Linux version 6.1\n");
    send(BASIC, "[    0.000000] Command line: quiet\n");
    send(BASIC, "[    0.300000] new\n");
    pass(2 * SECOND);

    assertThat(boots()).hasSize(2);
    assertThat(texts()).containsExactly("old", "Linux version 6.1", "Command line: quiet", "new");
    assertThat(messages().get(1).boot()).isEqualTo("b1");
  }

  @Test
  void basicRingSentAgainIsNoBoot() {
    for (int round = 0; round < 2; round++) {
      send(BASIC, "[    0.000000] Linux version 6.1\n");
      for (int i = 1; i < 30; i++) {
        send(BASIC, "[    %d.000000] line %d\n".formatted(i, i));
      }
      pass(5 * SECOND);
    }

    assertThat(boots()).hasSize(1);
    assertThat(messages()).hasSize(30);
  }

  @Test
  void secondTargetAddedToABasicHostIsNoBoot() {
    send(BASIC, "[   50.000000] hello\n");
    send(BASIC, "[  500.000000] again\n");
    pass(SECOND);
    extended(0, 0, "Linux version 6.12");
    extended(1, 50 * SECOND, "hello");
    extended(2, 500 * SECOND, "again");
    pass(2 * SECOND);

    assertThat(boots()).hasSize(1);
  }

  @Test
  void hostThatFellSilentIsToldWithWhatItSaidLast() {
    extended(7, SECOND, "a");
    assertThat(host().messages()).isZero();

    pass(SECOND);

    assertThat(host().messages()).isEqualTo(1);
  }

  @Test
  void bannerTellsTheReleaseOfAHostThatSendsNone() {
    send(EXTENDED, "5,0,0,-;Linux version 6.1.0-56-amd64 (debian-kernel@lists.debian.org)\n");

    assertThat(host().release()).isEqualTo("6.1.0-56-amd64");
  }

  @Test
  void userdataNamesTheHost() {
    send(EXTENDED, "6,1,1000000,-;a\n host=db0042\n rack=r1\n");
    send(EXTENDED, "6,2,1000001,-;b\n");
    pass(SECOND);

    assertThat(messages()).extracting(KernelMessage::host).containsExactly("db0042", "db0042");
  }

  @Test
  void collectorsClockSetBackKeepsNobodyWaiting() {
    extended(0, 1, "a");
    extended(2, 3, "c");
    nowMicros -= 7200 * SECOND;
    extended(3, 4, "d");
    pass(SECOND);

    assertThat(texts()).containsExactly("a", "c", "d");
  }

  @Test
  void whatAClockSetBackHandsOnIsCountedOfItsHost() {
    extended(0, 1, "a");
    extended(2, 3, "c");
    assertThat(host().messages()).isEqualTo(1);
    nowMicros -= 7200 * SECOND;
    send(InetAddress.ofLiteral("10.0.0.2"), "6,0,1,-;x\n");

    assertThat(streams.changedHosts())
        .filteredOn(host -> host.address().equals("10.0.0.1"))
        .extracting(Host::messages)
        .containsExactly(2L);
  }

  @Test
  void nameFromUserdataLastsOverARestartAndEndsWithItsBoot() {
    send(EXTENDED, "6,1,1000000,-;a\n host=db0042\n");
    pass(60 * SECOND);
    Checkpoint checkpoint = streams.checkpoint(offset);
    streams = streams();
    goOn(checkpoint.offset(), checkpoint);
    extended(2, 62 * SECOND, "b");
    pass(3600 * SECOND);
    extended(0, 200_000, "new boot");
    pass(SECOND);

    assertThat(boots()).hasSize(2);
    assertThat(messages())
        .extracting(KernelMessage::host, KernelMessage::hostSource)
        .containsExactly(
            tuple("db0042", HostSource.USERDATA),
            tuple("db0042", HostSource.USERDATA),
            tuple("10.0.0.1", HostSource.ADDRESS));
  }

  @Test
  void theSameAddressOnTwoLinksIsTwoHosts() {
    InetAddress first = InetAddress.ofLiteral("fe80::2%1");
    InetAddress second = InetAddress.ofLiteral("fe80::2%2");
    for (int i = 0; i < 3; i++) {
      send(first, "6,%d,%d,-;first says %d\n".formatted(i, SECOND + i, i));
      send(second, "6,%d,%d,-;second says %d\n".formatted(i, 7 * SECOND + i, i));
    }
    pass(SECOND);

    assertThat(texts()).hasSize(6);
    assertThat(streams.changedHosts())
        .extracting(Host::address, Host::messages, Host::boots)
        .containsExactlyInAnyOrder(
            tuple("fe80:0:0:0:0:0:0:2%1", 3L, 1), tuple("fe80:0:0:0:0:0:0:2%2", 3L, 1));
  }

  @Test
  void hostsBeyondTheBoundMakeTheOnesSilentForLongestLeave() {
    streams = new HostStreams(Recorder::new, names(), counters, 10);
    for (int i = 0; i < 30; i++) {
      streams.accept(
          new Datagram(
              offset++,
              nowMicros,
              InetAddress.ofLiteral("10.0.1." + i),
              1,
              1,
              "6,0,1,-;hello\n".getBytes(ISO_8859_1)));
    }

    assertThat(counters.hosts.get()).isEqualTo(10);
    assertThat(counters.evictedHosts.sum()).isEqualTo(20);
    assertThat(messages()).hasSize(30);
  }

  @Test
  void everyDatagramIsCountedOnceWhateverItHolds() {
    Random random = new Random(1);
    int count = 50_000;
    for (int i = 0; i < count; i++) {
      byte[] bytes =
          "6.12.95,6,%d,%d,-,ncfrag=%d/%d;te\\x0axt\n K=v\n"
              .formatted(
                  random.nextInt(2000),
                  random.nextLong(10_000_000_000L),
                  random.nextInt(20),
                  random.nextInt(100))
              .getBytes(ISO_8859_1);
      if (i % 3 == 0) {
        random.nextBytes(bytes);
      } else if (i % 3 == 1) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      nowMicros += random.nextInt(1000);
      streams.accept(datagram(EXTENDED, bytes));
    }
    pass(10 * SECOND);

    assertThat(counters.extended.sum() + counters.basic.sum() + counters.malformed.sum())
        .isEqualTo(count);
  }

  @Test
  void readerThatGoesOnFromACheckpointSaysWhatItWouldHaveSaid() {
    for (int i = 0; i < 40; i++) {
      extended(i, i * 100_000L, "line " + i);
    }
    pass(SECOND);
    Checkpoint atRest = streams.checkpoint(offset);
    assertThat(atRest.offset()).isEqualTo(40);
    streams.kept(atRest);
    extended(40, 5 * SECOND, "a");
    extended(42, 6 * SECOND, "c");
    Checkpoint halfDone = streams.checkpoint(offset);
    assertThat(halfDone.offset()).isEqualTo(40);
    assertThat(halfDone.states()).isEmpty();

    events.clear();
    streams = streams();
    goOn(halfDone.offset(), atRest);
    offset = 40;
    extended(40, 5 * SECOND, "a");
    extended(42, 6 * SECOND, "c");
    extended(39, 3_900_000L, "line 39");
    pass(SECOND);

    assertThat(texts()).containsExactly("a", "c");
    assertThat(boots()).isEmpty();
    assertThat(messages().getFirst().boot()).isEqualTo("b0");
    Host host = host();
    assertThat(host.messages()).isEqualTo(42);
    assertThat(host.duplicates()).isEqualTo(1);
  }

  @Test
  void hostThatSpeaksAgainAfterALongTimeIsNeededOnlyFromThere() {
    extended(0, SECOND, "a");
    pass(SECOND);
    streams.kept(streams.checkpoint(offset));
    offset = 10L * HostStreams.MAX_READ_AGAIN;
    long again = offset;
    extended(5, 9 * SECOND, "waits for what is before it");

    Checkpoint halfDone = streams.checkpoint(offset);

    assertThat(halfDone.offset()).isEqualTo(again);
    assertThat(texts()).containsExactly("a");
  }

  @Test
  void hostThatIsNeverAtRestIsDecidedEarlyAtLast() {
    extended(0, SECOND, "a");
    extended(5, 9 * SECOND, "waits for what is before it");
    offset += HostStreams.MAX_READ_AGAIN + 1L;

    Checkpoint decided = streams.checkpoint(offset);

    assertThat(decided.offset()).isEqualTo(offset);
    assertThat(texts()).containsExactly("a", "waits for what is before it");
  }

  @Test
  void datagramsThatAHostsStateAccountsForArePassedOver() {
    extended(0, SECOND, "a");
    pass(SECOND);
    Checkpoint checkpoint = streams.checkpoint(offset);

    events.clear();
    streams = streams();
    goOn(0, checkpoint);
    offset = 0;
    extended(0, SECOND, "a");
    extended(1, SECOND, "b");
    pass(SECOND);

    assertThat(texts()).containsExactly("b");
    assertThat(host().duplicates()).isZero();
  }

  @Test
  void noMachineBootedBeforeItLastSpoke() {
    long up = 5 * 86_400 * SECOND;
    extended(100, up, "an hour lies between the clocks");
    // The host's clock runs slow by 50 s, then a CPU stamps its backtrace 1.6 s in the past.
    pass(3_600 * SECOND);
    extended(101, up + 3_550 * SECOND, "NMI backtrace for cpu 0");
    extended(102, up + 3_548 * SECOND, "NMI backtrace for cpu 1");
    extended(103, up + 3_500 * SECOND, "a clock that jumped");
    extended(101, up + 3_551 * SECOND, "the same number with other words");
    pass(SECOND);

    assertThat(boots()).hasSize(1);
    assertThat(messages()).hasSize(5);
  }

  @Test
  void oneDatagramFromTheFarFutureIsNoReasonToSeeBootsAllTheTime() {
    extended(100, 86_400 * SECOND, "a");
    extended(101, 1L << 60, "hostile");
    for (int i = 102; i < 120; i++) {
      pass(SECOND);
      extended(i, 86_400 * SECOND + i, "line " + i);
    }

    assertThat(boots()).hasSize(1);
    assertThat(messages()).hasSize(20);
  }

  @Test
  void releaseThatOnlyUserdataNamesIsNoBoot() {
    send(EXTENDED, "6.12.0,6,1,1000000,-;a\n");
    send(EXTENDED, "6,2,1000001,-;b\n release=mine\n");
    send(EXTENDED, "6.12.0,6,2,1000001,-;b\n");
    send(EXTENDED, "6.12.0,6,3,1000002,-;c\n");
    pass(SECOND);

    assertThat(boots()).hasSize(1);
    assertThat(texts()).containsExactly("a", "b", "c");
  }

  @Test
  void textCutByPrintkWithAnotherTargetsUserdataBehindItIsTheSameRecord() {
    String cut = "x".repeat(800);
    send(EXTENDED, "6,1,1000000,-;" + cut + " rack=r1\n");
    send(EXTENDED, "6,1,1000000,-;" + cut + " cpu=2\n msgid=7\n");
    pass(2 * SECOND);

    assertThat(boots()).hasSize(1);
    assertThat(host().duplicates()).isEqualTo(1);
  }

  @Test
  void basicRingLongerThanWhatIsRememberedSentAgainIsNoBoot() {
    for (int round = 0; round < 2; round++) {
      send(BASIC, "[    0.000000] Linux version 6.1\n");
      for (int i = 1; i < 3000; i++) {
        send(BASIC, "[%5d.%06d] line %d\n".formatted(i / 100, i % 100 * 10_000, i));
      }
      pass(60 * SECOND);
    }

    assertThat(boots()).hasSize(1);
  }

  @Test
  void linesWithoutATimeMaySayTheSameTwiceAlsoWhileTheBootIsUndecided() {
    send(BASIC, "old\n");
    pass(SECOND);
    send(BASIC, "Linux version 6.1\n");
    send(BASIC, "the same\n");
    send(BASIC, "the same\n");
    pass(SECOND);
    pass(SECOND);

    assertThat(texts()).containsExactly("old", "Linux version 6.1", "the same", "the same");
    assertThat(boots()).hasSize(2);
  }

  @Test
  void releaseAsLongAsADatagramKeepsNobodyFromSaving() {
    send(EXTENDED, "6,1,1000000,-;a\n release=" + "\u0001".repeat(60_000) + "\n");
    pass(SECOND);

    Checkpoint checkpoint = streams.checkpoint(offset);

    assertThat(checkpoint.states()).containsOnlyKeys("10.0.0.1");
    assertThat(host().release()).isNull();
  }

  @Test
  void checkpointThatCouldNotBeKeptIsMadeAgain() {
    extended(0, SECOND, "a");
    pass(SECOND);
    Checkpoint lost = streams.checkpoint(offset);

    Checkpoint again = streams.checkpoint(offset);
    streams.kept(again);

    assertThat(again.states()).hasSameSizeAs(lost.states()).hasSize(1);
    assertThat(streams.checkpoint(offset).states()).isEmpty();
  }

  @Test
  void moreHostsThanTheBoundAreNotRestoredEither() {
    for (int i = 0; i < 30; i++) {
      send(InetAddress.ofLiteral("fe80::" + (i + 1) + "%7"), "6,0,1,-;hello\n");
    }
    pass(SECOND);
    Checkpoint checkpoint = streams.checkpoint(offset);
    assertThat(checkpoint.states()).hasSize(30);

    streams = new HostStreams(Recorder::new, names(), counters, 10);
    goOn(checkpoint.offset(), checkpoint);

    assertThat(counters.hosts.get()).isEqualTo(10);
  }

  @Test
  void aBootIsARunWithItsReleaseAndHardware() {
    long booted = nowMicros;
    extended(0, 1, "Linux version 6.12.9-amd64 (builder@host) #1 SMP");
    extended(1, SECOND, "DMI: Dell Inc. PowerEdge R650/0PYXKY, BIOS 1.4.4 10/07/2021");
    extended(2, SECOND, "DMI: Memory slots populated: 8/16");
    pass(100 * SECOND);
    extended(3, 101 * SECOND, "eth0: link up");
    String hardware = "Dell Inc. PowerEdge R650/0PYXKY, BIOS 1.4.4 10/07/2021";
    Run run =
        new Run(
            "b0",
            null,
            "10.0.0.1",
            "10.0.0.1",
            "6.12.9-amd64",
            hardware,
            true,
            booted,
            booted + 100 * SECOND);

    assertThat(streams.changedRuns()).containsExactly(run);
    assertThat(streams.changedRuns()).isEmpty();
  }

  @Test
  void theNextBootEndsARunAndBeganWhenItsOwnUptimeSays() {
    long before = nowMicros;
    extended(0, 1, "Linux version 6.12.8-amd64 (builder@host) #1 SMP");
    extended(1, SECOND, "Hardware name: Raspberry Pi 4 Model B Rev 1.4 (DT)");
    pass(3_600 * SECOND);
    extended(0, 600 * SECOND, "Linux version 6.12.9-amd64 (builder@host) #1 SMP");
    extended(1, 600 * SECOND, "x");

    List<Run> runs = streams.changedRuns();

    assertThat(runs).extracting(Run::release).containsExactly("6.12.8-amd64", "6.12.9-amd64");
    assertThat(runs).extracting(Run::hardware).containsOnly("Raspberry Pi 4 Model B Rev 1.4");
    assertThat(runs.getFirst().lastHeardMicros()).isEqualTo(before);
    assertThat(runs).extracting(Run::announced).containsExactly(true, false);
    assertThat(runs.getLast().previous()).isEqualTo(runs.getFirst().boot());
    assertThat(runs.getLast().startedAtMicros()).isEqualTo(before + 3_000 * SECOND);
  }

  @Test
  void aRunGoesOnOverARestart() {
    extended(0, 1, "Linux version 6.12.9-amd64 (builder@host) #1 SMP");
    extended(1, SECOND, "Machine model: Raspberry Pi 4 Model B Rev 1.4");
    pass(SECOND);
    Run before = streams.changedRuns().getLast();
    Checkpoint checkpoint = streams.checkpoint(offset);

    streams = streams();
    goOn(checkpoint.offset(), checkpoint);
    pass(60 * SECOND);
    extended(2, 62 * SECOND, "x");

    Run after = streams.changedRuns().getLast();
    assertThat(after.lastHeardMicros()).isEqualTo(nowMicros);
    assertThat(after)
        .usingRecursiveComparison()
        .ignoringFields("lastHeardMicros")
        .isEqualTo(before);
  }

  @Test
  void theInventorySaysWhatAMachineIsUntilItsKernelDoes() throws Exception {
    Path file = folder.resolve("hosts.yaml");
    Files.writeString(file, "- {address: 10.0.0.0/8, labels: {hardware: HPE ProLiant}}");
    streams = new HostStreams(Recorder::new, new HostNames(Inventory.read(file), false), counters);
    extended(0, 1, "a");
    assertThat(streams.changedRuns()).extracting(Run::hardware).containsExactly("HPE ProLiant");

    extended(1, 2, "DMI: HPE ProLiant DL380 Gen10/ProLiant DL380 Gen10, BIOS U30 02/14/2022");

    assertThat(streams.changedRuns().getLast().hardware()).endsWith("BIOS U30 02/14/2022");
  }

  private HostStreams streams() {
    return new HostStreams(Recorder::new, names(), counters);
  }

  private void goOn(long at, Checkpoint saved) {
    streams.goOn(
        new Ledger.Place(at, List.copyOf(saved.states().keySet())),
        address -> Optional.ofNullable(saved.states().get(address)));
  }

  private static HostNames names() {
    return new HostNames(Inventory.EMPTY, false);
  }

  /// Fails where it is asked to once its host sent `poison`.
  private final class Failing implements HostReader {
    private final String how;
    private final AtomicInteger failures;
    private boolean poisoned;

    Failing(String how, AtomicInteger failures) {
      this.how = how;
      this.failures = failures;
    }

    private void fail(String where) {
      if (poisoned && where.equals(how)) {
        failures.incrementAndGet();
        throw new IllegalStateException(how);
      }
    }

    private int overflow(int depth) {
      return depth < 0 ? 0 : overflow(depth + 1) + depth;
    }

    @Override
    public void accept(Event event) {
      boolean poison = event instanceof KernelMessage message && message.text().equals("poison");
      poisoned |= poison;
      fail("accept");
      if (poison && how.equals("overflow")) {
        failures.incrementAndGet();
        overflow(0);
      } else if (poison && how.equals("memory")) {
        throw new OutOfMemoryError("a test");
      }
      events.add(event);
    }

    @Override
    public long deadlineMicros() {
      return poisoned && how.equals("advance") ? 0 : Long.MAX_VALUE;
    }

    @Override
    public void advance(long toMicros) {
      fail("advance");
    }

    @Override
    public void save(DataOutput to) {
      fail("save");
    }
  }

  private final class Recorder implements HostReader {
    @Override
    public void accept(Event event) {
      events.add(event);
    }
  }

  private static String piece(int from, int to, String body) {
    return "6,1,1000000,-,ncfrag=%d/%d;%s".formatted(from, body.length(), body.substring(from, to));
  }

  private void extended(long sequence, long uptimeMicros, String text) {
    send(EXTENDED, "6," + sequence + "," + uptimeMicros + ",-;" + text + "\n");
  }

  private void send(int port, String text) {
    streams.accept(datagram(port, text.getBytes(ISO_8859_1)));
  }

  private void send(InetAddress source, String text) {
    streams.accept(
        new Datagram(offset++, nowMicros, source, EXTENDED, 6666, text.getBytes(ISO_8859_1)));
  }

  private Datagram datagram(int port, byte[] bytes) {
    InetAddress source = InetAddress.ofLiteral("10.0.0.1");
    return new Datagram(offset++, nowMicros, source, port, 6666, bytes);
  }

  private void pass(long micros) {
    nowMicros += micros;
    streams.advance(nowMicros);
  }

  private List<KernelMessage> messages() {
    return events.stream()
        .filter(KernelMessage.class::isInstance)
        .map(KernelMessage.class::cast)
        .toList();
  }

  private List<String> texts() {
    return messages().stream().map(KernelMessage::text).toList();
  }

  private List<String> boots() {
    return events.stream().filter(Boot.class::isInstance).map(Event::boot).toList();
  }

  private List<String> gaps() {
    return events.stream()
        .filter(Gap.class::isInstance)
        .map(Gap.class::cast)
        .map(gap -> gap.first() + "-" + gap.last())
        .toList();
  }

  private Host host() {
    return streams.changedHosts().getLast();
  }
}
