package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Reports of real kernels, as their consoles showed them, and what each must be called.
class AnalyzerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
      bad-page             | mm-state         | BUG: Bad page state in trigger_write
      bug-on               | bug-on           | kernel BUG in lkdtm_BUG
      divide-error         | divide-error     | divide error in lab_divide_error
      ext4-error           | ext4-error       | EXT4-fs error in ext4_validate_block_bitmap
      gpf                  | gpf              | general protection fault in lab_noncanonical
      hard-lockup          | hard-lockup      | BUG: hard lockup in lab_spin_irqs_off
      hung-task            | hung-task        | INFO: task hung in lab_lock_holder
      kasan-use-after-free | kasan            | KASAN: slab-use-after-free Read in lab_use_after_free
      kfence               | kfence           | KFENCE: use-after-free read in lab_use_after_free
      list-corruption      | list-corruption  | BUG: corrupted list in lkdtm_CORRUPT_LIST_ADD
      lockdep              | lockdep          | possible deadlock in console_lock_spinning_enable
      medium-error         | scsi-error       | SCSI command failed
      memcg-oom            | memcg-oom        | out of memory: killed nginx
      nmi-unknown          | nmi-unknown      | NMI received for unknown reason
      null-deref-arm64     | null-deref       | BUG: unable to handle kernel NULL pointer dereference in lkdtm_EXCEPTION
      null-deref-x86       | null-deref       | BUG: unable to handle kernel NULL pointer dereference in lkdtm_EXCEPTION
      oom-kill             | oom-kill         | out of memory: killed java
      oops-and-panic       | null-deref       | BUG: unable to handle kernel NULL pointer dereference in lkdtm_EXCEPTION
      panic-sysrq          | panic            | kernel panic: sysrq triggered crash
      rcu-stall            | rcu-stall        | INFO: rcu detected stall in lab_rcu_thread
      refcount             | refcount         | WARNING: refcount bug in lkdtm_REFCOUNT_SUB_AND_TEST_NEGATIVE
      segfault             | user-segfault    | segfault of nginx
      slub                 | slub             | BUG: slab Object corrupt in lab_redzone
      soft-lockup          | soft-lockup      | BUG: soft lockup in lab_spin_thread
      stack-overflow       | stack-overflow   | BUG: stack guard page was hit in lkdtm_EXHAUST_STACK
      stack-protector      | stack-corruption | kernel panic: stack is corrupted in lkdtm_CORRUPT_STACK_STRONG
      ubsan                | ubsan            | UBSAN: shift-out-of-bounds in lab_shift_out_of_bounds
      warning              | warning          | WARNING in lkdtm_WARNING
      xfs-corruption       | xfs-corruption   | XFS metadata corruption
      """)
  void aReportIsRecognised(String file, String kind, String title) throws IOException {
    Crash crash = crashes(file).getFirst();
    assertThat(crash.kind()).isEqualTo(kind);
    assertThat(crash.title()).isEqualTo(title);
  }

  @Test
  void inAFileWithoutTimesAPanicIsExplainedByAFaultAtMostSomeLinesBefore() throws IOException {
    String fault = "mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 5: be00000000800400\n";
    String panic = "Kernel panic - not syncing: Fatal local machine check\n";
    assertThat(told(fault + "usb 1-1: new device\n".repeat(100) + panic))
        .extracting(Crash::kind)
        .containsExactly("mce");
    assertThat(told(fault + "usb 1-1: new device\n".repeat(Causes.LEADS_TO_PANIC_LINES) + panic))
        .extracting(Crash::kind)
        .containsExactly("mce", "panic");
  }

  private static List<Crash> told(String log) throws IOException {
    return Analyzer.analyze(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void everyReportBesideTheTestsIsExpectedByOne() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/crashes"))) {
      assertThat(files.count()).isEqualTo(29);
    }
  }

  @Test
  void aFaultAndThePanicItLeadsToAreOneCrash() throws IOException {
    assertThat(crashes("oops-and-panic"))
        .singleElement()
        .satisfies(c -> assertThat(c.panicked()).isTrue());
  }

  @Test
  void whatTheReportSaysOfTheMachineIsKept() throws IOException {
    Crash crash = crashes("null-deref-x86").getFirst();
    assertThat(crash.cpu()).isNotNull();
    assertThat(crash.uid()).isZero();
    assertThat(crash.comm()).isEqualTo("sh");
    assertThat(crash.tainted()).isEqualTo("GOE");
    assertThat(crash.kernel()).isEqualTo("6.12.95+deb12-amd64");
    assertThat(crash.arch()).isEqualTo("x86_64");
    assertThat(crash.hardware()).startsWith("QEMU Standard PC");
    assertThat(crash.modules()).contains("lkdtm", "netconsole").doesNotContain("OE");
    assertThat(crash.ip()).isEqualTo("lkdtm_EXCEPTION");
    assertThat(crash.attrs()).containsEntry("module", "lkdtm");
    assertThat(crash.line()).isEqualTo(4);
    assertThat(crash.type()).isEqualTo("NULL-POINTER-DEREFERENCE");
  }

  @Test
  void theStackIsReadWithItsGuesses() throws IOException {
    Crash crash = crashes("null-deref-x86").getFirst();
    assertThat(crash.frames().getFirst().function()).isEqualTo("lkdtm_do_action");
    assertThat(crash.frames().getFirst().offset()).isEqualTo(0x18);
    assertThat(crash.frames().getFirst().module()).isEqualTo("lkdtm");
    assertThat(crash.frames()).anyMatch(f -> !f.reliable());
    assertThat(crash.frames().getLast().function()).isEqualTo("entry_SYSCALL_64_after_hwframe");
  }

  @Test
  void theSameFaultOnAnotherArchitectureHasTheSameSignature() throws IOException {
    assertThat(crashes("null-deref-arm64").getFirst().signature())
        .matches("[0-9a-f]{16}")
        .isEqualTo(crashes("null-deref-x86").getFirst().signature());
  }

  @Test
  void whoWasKilledForMemoryIsNamed() throws IOException {
    assertThat(crashes("memcg-oom").getFirst().attrs())
        .containsEntry("victim", "nginx")
        .containsKey("memcg")
        .containsKey("victim_pid");
  }

  @Test
  void aDiskThatCantReadIsOneEventOfEachLayer() throws IOException {
    assertThat(crashes("medium-error"))
        .extracting(Crash::kind)
        .containsExactly("scsi-error", "medium-error");
  }

  @Test
  void aProgramThatDiesIsNoCrashOfTheKernel() throws IOException {
    assertThat(crashes("segfault")).allMatch(c -> c.category() == Category.USERSPACE);
  }

  @Test
  void prefixesOfSyslogLevelsAndLineEndsChangeNothing() throws IOException {
    String log = text("null-deref-x86");
    Crash plain = analyze(log).getFirst();
    for (String changed :
        List.of(
            log.replace("\n", "\r\n"),
            lines(log, "<4>"),
            lines(log, "Jan  2 03:04:05 host1 kernel: "),
            lines(log, "2026-01-02T03:04:05.678901+00:00 host1 kernel: "),
            log.replaceAll("(?m)^\\[ *[0-9.]+\\] ", ""),
            log.replaceAll("(?m)^(\\[ *[0-9.]+\\])", "$1[ T1234]"))) {
      assertThat(analyze(changed))
          .singleElement()
          .extracting(Crash::title)
          .isEqualTo(plain.title());
    }
  }

  @Test
  void whatOtherProgramsSayInSyslogIsNoCrash() throws IOException {
    assertThat(analyze(lines(text("null-deref-x86"), "Jan  2 03:04:05 host1 sshd[12]: ")))
        .isEmpty();
  }

  @Test
  void bytesThatAreNoTextAreRead() throws IOException {
    byte[] log = text("warning").getBytes(StandardCharsets.UTF_8);
    byte[] odd = new byte[log.length + 3];
    System.arraycopy(new byte[] {(byte) 0xff, 0, '\n'}, 0, odd, 0, 3);
    System.arraycopy(log, 0, odd, 3, log.length);
    assertThat(Analyzer.analyze(new ByteArrayInputStream(odd))).isNotEmpty();
  }

  @Test
  void extendedNetconsoleTextReadsLikeAConsole() throws IOException {
    String extended =
        text("null-deref-x86")
            .replaceAll("(?m)^\\[ *(\\d+)\\.(\\d{6})\\] ", "6.12.95+deb12-amd64,4,1,$1$2,-;");
    Crash crash = analyze(extended).getFirst();
    Crash asOnTheConsole = crashes("null-deref-x86").getFirst();
    assertThat(crash.title()).isEqualTo(asOnTheConsole.title());
    assertThat(crash.frames()).isEqualTo(asOnTheConsole.frames());
    assertThat(crash.report()).isEqualTo(asOnTheConsole.report());
  }

  @Test
  void extendedTextThatAProgramWroteIsNoCrash() throws IOException {
    String byAProgram =
        text("null-deref-x86").replaceAll("(?m)^\\[ *(\\d+)\\.(\\d{6})\\] ", "12,1,$1$2,-;");
    assertThat(analyze(byAProgram)).isEmpty();
  }

  @Test
  void eachCrashIsHandedOutOnceAndAsItIsAtTheEnd() throws IOException {
    String log =
        text("null-deref-x86").replaceAll("(?m)^\\[ *[0-9]+", "[   10")
            + """
            [   12.000000] nvme nvme0: I/O 10 QID 3 timeout, aborting
            [   12.500000] Kernel panic - not syncing: Fatal exception
            [   12.500001] Kernel Offset: disabled
            """;
    List<Crash> handedOut = new ArrayList<>();
    Analyzer.analyze(
        new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)), handedOut::add);
    assertThat(handedOut).extracting(Crash::line).doesNotHaveDuplicates();
    assertThat(handedOut).extracting(Crash::panicked).containsExactly(true, false);
    assertThat(handedOut).allMatch(Crash::complete);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100})
  void whatWasFoundBeforeAReadFailedIsHandedOver(int times) throws IOException {
    byte[] log = text("null-deref-x86").repeat(times).getBytes(StandardCharsets.UTF_8);
    InputStream failing =
        new SequenceInputStream(
            new ByteArrayInputStream(log),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("the disk is gone");
              }

              @Override
              public int read(byte[] bytes, int from, int length) throws IOException {
                return read();
              }
            });
    List<Crash> found = new ArrayList<>();
    assertThatIOException()
        .isThrownBy(() -> Analyzer.analyze(failing, found::add))
        .withMessage("the disk is gone");
    assertThat(found).isEqualTo(Analyzer.analyze(new ByteArrayInputStream(log))).isNotEmpty();
  }

  private static String lines(String log, String prefix) {
    return log.lines().map(l -> prefix + l).collect(Collectors.joining("\n")) + "\n";
  }

  private static List<Crash> crashes(String file) throws IOException {
    return analyze(text(file));
  }

  private static List<Crash> analyze(String log) throws IOException {
    return Analyzer.analyze(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(String file) throws IOException {
    try (InputStream in = AnalyzerTest.class.getResourceAsStream("/crashes/" + file + ".txt")) {
      assertThat(in).as(file).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
