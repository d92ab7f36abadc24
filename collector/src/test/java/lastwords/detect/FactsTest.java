package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FactsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
      CPU: 3 UID: 998 PID: 77 Comm: sh Not tainted 6.12.0 #1 PREEMPT(voluntary)           | 3 | 77 | 998 | sh          | ''      | 6.12.0
      CPU: 3 PID: 77 Comm: my: (odd) [task] Tainted: G        W  OE      5.4.0-1-amd64 #1 | 3 | 77 | -   | my: (odd) [task] | GWOE | 5.4.0-1-amd64
      CPU: 0 PID: 1 Comm: swapper/0 Kdump: loaded Tainted: P    D 5.14.0-70.el9.x86_64 #1 | 0 | 1  | -   | swapper/0   | PD      | 5.14.0-70.el9.x86_64
      Pid: 3, comm: ksoftirqd/0 Tainted: G        W  2.6.32-5-amd64 #1                    | - | 3  | -   | ksoftirqd/0 | GW      | 2.6.32-5-amd64
      Pid: 3, comm: sh Tainted: P           ---------------    2.6.32-279.el6.x86_64 #1   | - | 3  | -   | sh          | P       | 2.6.32-279.el6.x86_64
      Pid: 3, comm: X Not tainted (2.6.27.5-117.fc10.i686 #1)                             | - | 3  | -   | X           | ''      | 2.6.27.5-117.fc10.i686
      CPU: 1    Tainted: G        W     (3.4.0-rc2 #7)                                    | 1 | -  | -   | -           | GW      | 3.4.0-rc2
      6.1.0-rc2+ #5 Tainted: G S                                                          | - | -  | -   | -           | GS      | 6.1.0-rc2+
      6.1.0-rc2+ #5 Not tainted                                                           | - | -  | -   | -           | ''      | 6.1.0-rc2+
      'REGS: c0000000fea03540 TRAP: 0300   Not tainted  (3.10.0 #2)'                      | - | -  | -   | -           | ''      | 3.10.0
      '      Tainted: G    B      5.15.0-91-generic #101-Ubuntu'                          | - | -  | -   | -           | GB      | 5.15.0-91-generic
      Tainted: [W]=WARN, [O]=OOT_MODULE                                                   | - | -  | -   | -           | WO      | -
      Process my prog (pid: 12, ti=c7b8a000 task=c7b8b000)                                | - | 12 | -   | my prog     | -       | -
      TASK = c00000003d0a4000[27] 'kworker/u:1' THREAD: c00000003d0c8000 CPU: 3           | 3 | 27 | -   | kworker/u:1 | -       | -
      BUG: soft lockup - CPU#3 stuck for 26s! [kworker/3:1:789]                           | 3 | 789 | -  | kworker/3:1 | -       | -
      INFO: task jbd2/sda1-8:345 blocked for more than 122 seconds.                       | - | 345 | -  | jbd2/sda1-8 | -       | -
      BUG: scheduling while atomic: my task/33/0x00000002                                 | - | 33 | -   | my task     | -       | -
      Read of size 8 at addr ffff888012345678 by task my task/33                          | - | 33 | -   | my task     | -       | -
      my/0/33 is trying to acquire lock:                                                  | - | 33 | -   | my/0        | -       | -
      Linux version 6.8.0-31-generic (buildd@x) (gcc 13) #31-Ubuntu SMP                   | - | -  | -   | -           | -       | 6.8.0-31-generic
      WARNING: CPU: 2 PID: 9 at fs/a.c:1 f+0x1/0x2                                        | 2 | 9  | -   | -           | -       | -
      """)
  void everyWordingOfWhoRanIsKnown(
      String line,
      @Nullable Integer cpu,
      @Nullable Integer pid,
      @Nullable Integer uid,
      @Nullable String comm,
      @Nullable String tainted,
      @Nullable String kernel) {
    Facts facts = facts(line);
    assertThat(facts.cpu).as("cpu").isEqualTo(cpu);
    assertThat(facts.pid).as("pid").isEqualTo(pid);
    assertThat(facts.uid).as("uid").isEqualTo(uid);
    assertThat(facts.comm).as("comm").isEqualTo(comm);
    assertThat(facts.tainted).as("tainted").isEqualTo(tainted);
    assertThat(facts.kernel).as("kernel").isEqualTo(kernel);
  }

  @Test
  void theLineThatSaysItAllCountsBeforeTheHeadline() {
    Facts facts =
        facts(
            "WARNING: CPU: 0 PID: 9 at fs/a.c:1 f+0x1/0x2",
            "CPU: 1 PID: 9 Comm: sh Not tainted 6.1.0 #1",
            "CPU: 2 PID: 10 Comm: other Tainted: G        W 6.1.0 #1");
    assertThat(facts.cpu).isEqualTo(1);
    assertThat(facts.comm).isEqualTo("sh");
    assertThat(facts.tainted).isEmpty();
  }

  @Test
  void oldKernelsNameTheMachineBehindTheBuild() {
    assertThat(facts("Pid: 1, comm: X Not tainted 3.1.6-1.fc16.x86_64 #1 Acme Inc. 12/34").hardware)
        .isEqualTo("Acme Inc. 12/34");
    assertThat(facts("Hardware name: linux,dummy-virt (DT)").hardware)
        .isEqualTo("linux,dummy-virt (DT)");
  }

  @Test
  void theListOfModulesGoesOnInLinesWithAndWithoutABlank() {
    assertThat(
            facts(
                    "Modules linked in: a_mod(OE) b(PO) radeon(+)(U) c",
                    " d e-f(F)",
                    "g_1(U) h [last unloaded: gone]",
                    "not_one")
                .modules)
        .containsExactly("a_mod", "b", "radeon", "c", "d", "e-f", "g_1", "h");
    assertThat(facts("Modules linked in: a b", "CPU: 1 PID: 2 Comm: sh", " x").modules)
        .containsExactly("a", "b");
    assertThat(facts("Modules linked in: a b", "Pid: 143, comm: modprobe").modules)
        .containsExactly("a", "b");
  }

  private static Facts facts(String... lines) {
    return new Facts(List.of(lines), List.of(lines));
  }
}
