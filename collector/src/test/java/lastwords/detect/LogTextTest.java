package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The forms in which people keep a kernel's log, and what each line of them says.
class LogTextTest {
  private static final List<String> OOPS =
      List.of(
          "usb 1-1: new high-speed USB device number 2 using xhci_hcd",
          "BUG: kernel NULL pointer dereference, address: 0000000000000008",
          "Oops: 0002 [#1] PREEMPT SMP NOPTI",
          "CPU: 1 PID: 176 Comm: sh Not tainted 6.1.0 #1",
          "RIP: 0010:do_harm+0x9/0x20 [harm]",
          "Call Trace:",
          " <TASK>",
          " harm_write+0x18/0x30 [harm]",
          " vfs_write+0xfb/0x450",
          " ksys_write+0x6f/0xf0",
          " do_syscall_64+0x87/0x1b0",
          " </TASK>",
          "---[ end trace 0000000000000000 ]---");

  /// `%s` stands for the kernel's text, `%d` for microseconds, `%t` for the usual `seconds.micros`.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s",
        "[%t] %s",
        "[%t@2] %s",
        "<4>[%t] %s",
        "<4>%s",
        "[%t][  T176] %s",
        "[%t][ T176@C1] %s",
        "<6>[%t] [T176@C1] %s",
        "<6>[%t]  (1)[176:sh]%s",
        "[Fri Jan  2 03:04:05 2026] %s",
        "[Fri Jan  2 03:04:05 2026][  T176] %s",
        "[Jan 2 03:04] %s",
        "[  +0.000012] %s",
        "2026-01-02T03:04:05,678901+00:00 %s",
        "kern  :alert : [%t] %s",
        "Jan  2 03:04:05 web-1 kernel: %s",
        "Jan  2 03:04:05 web-1 kernel: [%t] %s",
        "Jan 12 03:04:05.678 web-1 kernel[0]: [%t] %s",
        "2026-01-02T03:04:05.678901+01:00 web-1 kernel: %s",
        "2026-01-02T03:04:05+0100 web-1 kernel: %s",
        "Fri 2026-01-02 03:04:05 UTC web-1 kernel: %s",
        "[%t] web-1 kernel: %s",
        "1767322245.678901 web-1 kernel: %s",
        "<4>1 2026-01-02T03:04:05.678Z web-1 kernel - - - [%t] %s",
        "2026-01-02T03:04:05.678901 [%t] %s",
        "[2026-01-02 03:04:05] [%t] %s",
        "kernel: [%t] %s",
        "(d1) [%t] %s",
        "<4>Jan  2 03:04:05 web-1 kernel: [%t] %s",
        "Jan  2 03:04:05 router kern.alert kernel: [%t] %s",
        "Fri Jan  2 03:04:05 2026 kern.alert kernel: [%t] %s",
        "Fri Jan  2 03:04:05 2026 kern.alert kernel: %s",
        "Jan  2 03:04:05 mail.example.org kernel: %s",
        "Jan  2 03:04:05 router kern.alert kernel: %s",
        "2026-01-02T03:04:05.678901Z ALERT kernel: [%t] %s",
        "[Fri Jan  2 03:04:05 2026][%t] %s",
        "Jan 02 03:04:05 [%t] %s",
        "[%t <    0.000012>] %s",
        "[Fri Jan  2 03:04:05 2026 <    0.000012>] %s",
        "[%t <    0.000012 >] web-1 kernel: %s",
        "<6>[%t]  [1:             sh:  176] %s",
        "<6>[%t] .(1)[176:sh]%s",
        "[%t] -(1)[176:sh]%s",
        "01-02 03:04:05.678     0     0 E kernel  : [%t] %s",
        "01-02 03:04:05.678     0     0 E kernel  : %s",
        "01-02 03:04:05.678     0     0 E KERNEL  : %s",
        "[4.123456 0.001234] [%t] %s",
        "10:20:30.123456  [%t] %s",
        "kernel:[%t] %s",
        "web-1 kernel: [%t] %s",
        "2026-01-02 03:04:05 web-1 kernel: %s",
        "2026-01-02 03:04:05.678 [%t] %s",
        "2026/01/02 03:04:05 [%t] %s",
        "\u001e{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"%s\"}",
        "4,%d,%d,-;%s",
        "4,%d,%d,-,caller=T176;%s",
        "6.1.0,4,%d,%d,-;%s\n SUBSYSTEM=usb\n DEVICE=+usb:1-1",
        "{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"%s\",\"PRIORITY\":\"4\",\"_SOURCE_MONOTONIC_TIMESTAMP\":\"%d\"}",
        "__CURSOR=s=1\n_TRANSPORT=kernel\nPRIORITY=4\nMESSAGE=%s\n_SOURCE_MONOTONIC_TIMESTAMP=%d\n",
      })
  void everyFormOfALogTellsTheSameCrash(String form) throws IOException {
    for (String end : List.of("\n", "\r\n")) {
      assertThat(crashes(log(form, OOPS, end)))
          .as(form)
          .singleElement()
          .satisfies(
              c -> {
                assertThat(c.guilty()).isEqualTo("do_harm");
                assertThat(c.report()).isEqualTo(OOPS.subList(1, OOPS.size()));
                assertThat(c.lastWords()).containsExactly(OOPS.getFirst());
                assertThat(c.corrupted()).isFalse();
              });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Jan  2 03:04:05 web-1 sshd[12]: %s",
        "Jan  2 03:04:05 web-1 harmless: %s",
        "Jan  2 03:04:05 router daemon.err app[7]: %s",
        "Fri Jan  2 03:04:05 2026 user.err app: %s",
        "01-02 03:04:05.678   123   456 E app     : %s",
        "2026-01-02T03:04:05.678901+01:00 web-1 nginx[1]: %s",
        "Fri 2026-01-02 03:04:05 UTC web-1 app[7]: %s",
        "[%t] web-1 app[7]: %s",
        "<12>[%t] %s",
        "[%t] systemd-coredump[99]: %s",
        "user  :alert : [%t] %s",
        "<12>1 2026-01-02T03:04:05.678Z web-1 app 7 - - %s",
        "12,%d,%d,-;%s",
        "{\"_TRANSPORT\":\"syslog\",\"SYSLOG_IDENTIFIER\":\"app\",\"MESSAGE\":\"%s\"}",
        "{\"_TRANSPORT\":\"kernel\",\"SYSLOG_FACILITY\":\"3\",\"MESSAGE\":\"%s\"}",
        "__CURSOR=s=1\n_TRANSPORT=stdout\nMESSAGE=%s\n",
      })
  void whatAProgramSaysIsNeverTheKernels(String form) throws IOException {
    assertThat(crashes(log(form, OOPS, "\n"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[   50.000001] "})
  void whatLoggerWritesIsAProgramsWord(String stamp) throws IOException {
    String panic = "Kernel panic - not syncing: VFS: Unable to mount root fs";
    assertThat(crashes("Jan  2 03:04:05 web-1 logger: " + stamp + panic + "\n")).isEmpty();
    assertThat(crashes("Jan  2 03:04:05 web-1 kernel: " + stamp + panic + "\n")).hasSize(1);
  }

  @Test
  void theLineOfACrashInAnExportIsThatOfItsMessage() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String text : OOPS) {
      lines.addAll(
          List.of("__CURSOR=s=1", "_TRANSPORT=kernel", "MESSAGE=" + text, "PRIORITY=4", ""));
    }
    for (String end : List.of("\n", "\n\n")) {
      assertThat(crashes(String.join("\n", lines) + end))
          .singleElement()
          .satisfies(c -> assertThat(c.line()).isEqualTo(8)); // the second of five lines each
    }
    assertThat(crashes(String.join("\n", lines.subList(0, lines.size() - 2)))).hasSize(1);
  }

  @Test
  void textThatFollowsAnExportIsRead() throws IOException {
    String export =
        "__CURSOR=s=1\n_TRANSPORT=kernel\nMESSAGE=all is well\n\n"
            + "__CURSOR=s=2\n_TRANSPORT=stdout\nMESSAGE=Kernel panic - not syncing: no\n\n\n";
    assertThat(crashes(export + log("[%t] %s", OOPS, "\n")))
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.guilty()).isEqualTo("do_harm");
              assertThat(c.line()).isEqualTo(11);
            });
    assertThat(crashes(export + log("%s", OOPS, "\r\n") + export)).hasSize(1);
  }

  @Test
  void whatAProgramSaidOnSeveralLinesOfAnExportIsNotRead() throws IOException {
    String export =
        "__CURSOR=s=1\n_TRANSPORT=stdout\nMESSAGE\n@\1\0\0\0\0\0\0see:\n\n"
            + log("[%t] %s", OOPS, "\n")
            + "\n_PID=7\n\n";
    String next = "__CURSOR=s=2\n_TRANSPORT=kernel\nMESSAGE=kernel BUG at fs/a.c:7!\n\n";
    assertThat(crashes(export)).isEmpty();
    assertThat(crashes(export + next)).extracting(Crash::kind).containsExactly("bug-on");
  }

  @Test
  void theKernelsOwnWordsOfAProgramThatDiedAreTheKernels() throws IOException {
    String log =
        "[    1.000000] nginx[2211]: segfault at 0 ip 000055d0c8e5a2f3 sp 00007ffd3c2b1a60 error 4 in nginx[55d0c8e2f000+b4000]\n";
    assertThat(crashes(log)).extracting(Crash::kind).containsExactly("user-segfault");
  }

  @Test
  void aSerialConsoleMixesPromptsColoursAndStatusLinesIn() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("\u001b[0;1;39m[\u001b[0;32m  OK  \u001b[0;1;39m] Started \u001b[0;1mCron\u001b[0m.");
    lines.add("\u001b[1;31m[   50.000001] " + OOPS.get(0) + "\u001b[0m");
    lines.add("Debian GNU/Linux 12 web-1 ttyS0");
    lines.add("web-1 login: [   50.000002] " + OOPS.get(1));
    lines.add("[  OK  ] Reached target Multi-User System.");
    lines.add("root@web-1:~# cat /proc/harm [   50.000003] " + OOPS.get(2));
    for (int i = 3; i < OOPS.size(); i++) {
      lines.add("\r[   50.%06d] %s".formatted(i, OOPS.get(i)));
    }
    assertThat(crashes(String.join("\r\n", lines)))
        .singleElement()
        .satisfies(c -> assertThat(c.report()).isEqualTo(OOPS.subList(1, OOPS.size())));
  }

  @Test
  void thePartsOfAPstoreDumpAreStoredNewestFirst() throws IOException {
    List<String> stamped =
        IntStream.range(0, OOPS.size())
            .mapToObj(i -> "<4>[   50.%06d] ".formatted(i) + OOPS.get(i))
            .toList();
    String log =
        String.join("\n", "Oops#1 Part1", String.join("\n", stamped.subList(8, stamped.size())))
            + "\n"
            + String.join("\n", "Oops#1 Part2", String.join("\n", stamped.subList(4, 8)))
            + "\n"
            + String.join("\n", "Oops#1 Part3", String.join("\n", stamped.subList(0, 4)));
    assertThat(crashes(log))
        .singleElement()
        .satisfies(c -> assertThat(c.report()).isEqualTo(OOPS.subList(1, OOPS.size())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "x-UTF-16LE-BOM"})
  void aTerminalOfWindowsKeepsUtf16(String charset) throws IOException {
    String text = log("[%t] %s", OOPS, "\r\n");
    // Longer than a piece, with a character of two halves at each place in turn.
    String whole = text + "\ud83d\udca5".repeat(20_000) + "x\n" + text.replace("harm", "worse");
    byte[] bytes = whole.getBytes(java.nio.charset.Charset.forName(charset));
    assertThat(Analyzer.analyze(new ByteArrayInputStream(bytes)))
        .extracting(Crash::guilty)
        .containsExactly("do_harm", "do_worse");
  }

  @Test
  void aMarkInFrontOfUtf8IsNoText() throws IOException {
    assertThat(crashes("\ufeff" + log("%s", OOPS.subList(1, OOPS.size()), "\n")))
        .extracting(Crash::line)
        .containsExactly(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5_000, 70_000, 3 << 20})
  void zerosWhereDataWasLostHideNoLine(int zeros) throws IOException {
    String log = "all is well\n" + "\0".repeat(zeros) + log("%s", OOPS.subList(1, 13), "\n");
    assertThat(crashes(log))
        .singleElement()
        .satisfies(c -> assertThat(c.report()).isEqualTo(OOPS.subList(1, OOPS.size())));
  }

  @Test
  void twoDumpsInOneFileAreToldApart() throws IOException {
    String first = "Oops#1 Part1\n" + log("<4>[%t] %s", OOPS, "\n");
    String panic = "<0>[   99.000001] Kernel panic - not syncing: sysrq triggered crash\n";
    assertThat(crashes(first + "Panic#2 Part1\n" + panic))
        .extracting(Crash::kind)
        .containsExactly("null-deref", "panic");
  }

  @Test
  void fieldsThatFollowARecordTellItsCpuAndTask() throws IOException {
    List<KernelMessage> messages = new ArrayList<>();
    read("6.12.1,4,7,1000,-;harmless words\n cpu=3\n taskname=sh\n", messages);
    assertThat(messages)
        .singleElement()
        .satisfies(
            m -> {
              assertThat(m.text()).isEqualTo("harmless words");
              assertThat(m.cpu()).isEqualTo(3);
              assertThat(m.task()).isEqualTo("sh");
            });
  }

  @Test
  void linesOfAHealthyLogAreOnlyRememberedAndTheLastOfThemHandedOver() throws IOException {
    String healthy =
        IntStream.range(0, 100_000)
            .mapToObj("[%5d.000000] eth0: link is up, and all is well"::formatted)
            .collect(Collectors.joining("\n", "", "\n"));
    List<KernelMessage> messages = new ArrayList<>();
    LogText.read(in(healthy + "[100000.000000] " + OOPS.get(1) + "\n"), () -> false, messages::add);
    assertThat(messages).hasSize(LastWords.MAX + 1);
    assertThat(messages.getFirst().uptimeMicros()).isEqualTo(99_950_000_000L);
    assertThat(messages.getLast().text()).isEqualTo(OOPS.get(1));
    assertThat(messages.getLast().position()).isEqualTo(lastwords.kernel.Position.of(100_000, 0));
  }

  @Test
  void theGateChangesNoAnswer() throws IOException {
    String log =
        log("[%t] %s", OOPS, "\n")
            + log("[%t] all is well %s", List.of("a", "b", "c"), "\n").repeat(300)
            + log("[%t] %s", OOPS, "\n").replace("do_harm", "do_worse");
    List<Crash> ungated = new ArrayList<>();
    Detector detector = new Detector(ungated::add, new Counters());
    LogText.read(in(log), () -> true, detector::accept);
    detector.end();
    assertThat(crashes(log))
        .extracting(Crash::title, Crash::report, Crash::lastWords)
        .isEqualTo(
            ungated.stream()
                .map(
                    c ->
                        org.assertj.core.api.Assertions.tuple(c.title(), c.report(), c.lastWords()))
                .toList());
  }

  @Test
  void aLineLongerThanABlockIsCutAndTheNextIsRead() throws IOException {
    String log = "x".repeat(3 << 20) + "\n" + log("[%t] %s", OOPS, "\n");
    assertThat(crashes(log))
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.line()).isEqualTo(3);
              assertThat(c.guilty()).isEqualTo("do_harm");
            });
  }

  @Test
  void crashesAreHandedOverAsSoonAsNothingCanChangeThem() throws IOException {
    StringBuilder log = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      String name = "do_harm_" + (char) ('a' + i % 26) + (char) ('a' + i / 26);
      for (String line : OOPS) {
        log.append("[%5d.000000] %s%n".formatted(100 * i, line.replace("do_harm", name)));
      }
    }
    int[] most = new int[1];
    List<Crash> found = new ArrayList<>();
    java.io.InputStream counting =
        new java.io.FilterInputStream(in(log.toString())) {
          private int read;

          @Override
          public int read(byte[] bytes, int from, int length) throws IOException {
            most[0] = Math.max(most[0], read / (OOPS.size() * 100) - found.size());
            int got = super.read(bytes, from, Math.min(length, 400));
            read += Math.max(0, got);
            return got;
          }
        };
    Analyzer.analyze(counting, found::add);
    assertThat(found).hasSize(40).extracting(Crash::line).isSorted();
    assertThat(most[0]).isLessThan(5);
  }

  private static String log(String form, List<String> lines, String end) {
    StringBuilder log = new StringBuilder();
    int number = 0;
    for (String line : lines) {
      number++;
      String micros = Integer.toString(50_000_000 + number);
      String told = form.replace("%t", "   50.%06d".formatted(number));
      int all = told.split("%d", -1).length - 1;
      told = all == 2 ? told.replaceFirst("%d", Integer.toString(number)) : told;
      log.append(told.replace("%d", micros).replace("%s", line).replace("\n", end)).append(end);
    }
    return log.toString();
  }

  private static void read(String log, List<KernelMessage> messages) throws IOException {
    LogText.read(in(log), () -> true, messages::add);
  }

  private static List<Crash> crashes(String log) throws IOException {
    return Analyzer.analyze(in(log));
  }

  private static ByteArrayInputStream in(String log) {
    return new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8));
  }
}
