package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CrashTextTest {
  private static final String OOPS =
      """
      pump: pressure rising
      BUG: kernel NULL pointer dereference, address: 0000000000000018
      Oops: 0000 [#1] PREEMPT SMP PTI
      CPU: 3 PID: 812 Comm: pump Tainted: G        W          6.1.0-9-amd64 #1
      Hardware name: Acme Tower/X1, BIOS 1.2 01/02/2023
      RIP: 0010:pump_drain+0x1c/0x80 [pump]
      Call Trace:
       <TASK>
       ? __die+0x1f/0x70
       mutex_lock+0x20/0x50
       pump_cycle+0x88/0x120 [pump]
       _RNvCs1234_4pump5write+0x30/0x60 [pump]
       vfs_write+0xb8/0x410
       ksys_write+0x6f/0xf0
       do_syscall_64+0x5b/0xc0
       entry_SYSCALL_64_after_hwframe+0x64/0xce
       </TASK>
      ---[ end trace 0000000000000000 ]---
      """;

  private static final String TWO =
      OOPS
          + """
          Kernel panic - not syncing: sysrq triggered crash
          CPU: 1 PID: 175 Comm: sh Tainted: G      D W          6.1.0-9-amd64 #1
          Call Trace:
           <TASK>
           panic+0x334/0x370
           sysrq_handle_crash+0x16/0x20
           vfs_write+0xb8/0x410
           </TASK>
          ---[ end Kernel panic - not syncing: sysrq triggered crash ]---
          """;

  @Test
  void anEngineerSeesWhatDiedWhyItIsCalledSoAndTheStackThatMatters() {
    assertThat(Run.withInput(OOPS, "analyze", "-").out().lines())
        .contains(
            "BUG: unable to handle kernel NULL pointer dereference in pump_drain",
            "  running      pump, pid 812, CPU 3",
            "  tainted      GW: the kernel issued a warning before",
            "  │ RIP: 0010:pump_drain+0x1c/0x80 [pump]",
            "  ▶ pump_drain+0x1c/0x80 [pump]",
            "    pump_cycle+0x88/0x120 [pump]",
            "    pump::write+0x30/0x60 [pump]",
            "    pump: pressure rising")
        .anyMatch(line -> line.matches("  path +[0-9a-f]{16}, of pump_drain ← pump_cycle ← .*"))
        .anyMatch(line -> line.startsWith("    · 4 frames, vfs_write … entry_SYSCALL"))
        .noneMatch(line -> line.contains("\033"));
  }

  @Test
  void severalCrashesAreSummedUpFirst() {
    List<String> lines = Run.withInput(TWO, "analyze", "-").out().lines().toList();
    assertThat(lines.getFirst()).startsWith("2 crashes, the machine went down with the 2nd");
    assertThat(lines.get(1)).startsWith("   1  line 2      BUG: unable to handle");
    assertThat(lines).contains("2. kernel panic: sysrq triggered crash");
  }

  @Test
  void whatCameBeforeInTheSameWayIsNotToldAgain() {
    List<String> lines =
        Run.withInput(OOPS + OOPS.replace("#1]", "#2]"), "analyze", "-").out().lines().toList();
    assertThat(lines).contains("  the same as 1, by signature and path");
    assertThat(lines).filteredOn(line -> line.equals("Stack")).hasSize(1);
  }

  @Test
  void whoWasKilledIsNotWhoAskedForMemory() {
    String log =
        """
        java invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0
        CPU: 5 PID: 2301 Comm: java Not tainted 6.1.0-9-amd64 #1
        oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/app.service,task=pumpd,pid=2188,uid=998
        Out of memory: Killed process 2188 (pumpd) total-vm:68719476kB, anon-rss:62914560kB, UID:998
        """;
    String out = Run.onTerminal(80, log, "analyze", "-").out().replaceAll("\033\\[[0-9]*m", "");
    assertThat(out.lines())
        .contains("  killed       pumpd, pid 2188", "  on behalf of java, pid 2301, CPU 5")
        .noneMatch(line -> line.strip().equals("│"));
  }

  @Test
  void theGuiltyOneIsNeverFoldedHoweverUnsureTheKernelIs() {
    String log =
        """
        ------------[ cut here ]------------
        WARNING: at drivers/pump/pump.c:390
        CPU: 1 PID: 191 Comm: pump Not tainted 6.1.0-9-powerpc64 #1
        NIP [c000000000041c48] pump_check+0x278/0x390
        LR [c000000000041c40] pump_check+0x270/0x390
        Call Trace:
        [c0000000fb2a3470] [c000000000041c40] pump_check+0x270/0x390 (unreliable)
        [c0000000fb2a3520] [c00000000003a0a8] pump_read+0x128/0x170
        [c0000000fb2a3550] [c00000000003a1a8] pump_open+0x28/0x70
        [c0000000fb2a3570] [c00000000003a2a8] pump_probe+0x8/0x70
        ---[ end trace 0000000000000000 ]---
        """;
    assertThat(Run.withInput(log, "analyze", "-").out()).contains("  ▶ pump_check+0x270/0x390");
  }

  @Test
  void whatIsOnlyWorthKnowingIsListedAndNoCrash() {
    String boot = "Linux version 6.1.0-9-amd64 (a@b) (gcc 12) #1 SMP\\n";
    List<String> lines = Run.withInput(boot + OOPS, "analyze", "-").out().lines().toList();
    assertThat(lines.stream().filter(line -> line.matches("[0-9]+ crash.*"))).hasSizeLessThan(2);
    assertThat(lines).noneMatch(line -> line.contains("2 crashes"));
  }

  @Test
  void nothingIsWiderThanTheTerminal() {
    for (int width : new int[] {40, 80, 120}) {
      String out = Run.onTerminal(width, TWO, "analyze", "-").out();
      assertThat(out).contains("\033[1m");
      assertThat(out.lines().map(line -> line.replaceAll("\033\\[[0-9]*m", "")))
          .allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(width));
    }
  }

  @Test
  void longTextBreaksAtBlanksAndAWordWithoutAnyWhereTheLineEnds() {
    assertThat(Lines.wrapped("a b", 40, 2)).containsExactly("a b");
    assertThat(Lines.wrapped("one two three four five six seven", 24, 4))
        .containsExactly("one two three four five", "    six seven");
    assertThat(Lines.wrapped("x".repeat(60), 30, 2))
        .containsExactly("x".repeat(30), "  " + "x".repeat(28), "  xx");
    assertThat(Lines.wrapped("", 30, 2)).containsExactly("");
  }

  @Test
  void whatACrashHoldsDrivesNoTerminal() {
    String hostile = OOPS.replace("pressure rising", "\033[2Jcleared");
    assertThat(Run.withInput(hostile, "analyze", "-").out()).doesNotContain("\033");
  }

  @Test
  void aFolderOfSymbolsThatIsNotThereIsWrongUsageAndOneThatIsEmptyIsSaid() {
    Run wrong = Run.withInput(OOPS, "analyze", "--symbols", "/none", "-");
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("/none");
    Run empty = Run.withInput(OOPS, "analyze", "--symbols", "src/test/java", "-");
    assertThat(empty.status()).isZero();
    assertThat(empty.out()).isEqualTo(Run.withInput(OOPS, "analyze", "-").out());
    assertThat(empty.err().lines()).hasSize(1);
  }
}
