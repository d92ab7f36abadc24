package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible!",
        "INFO: NMI handler (ghes_notify_nmi) took too long to run: 1.411 msecs",
        "rcu: Hierarchical RCU implementation.",
        "traps: foo[1] general protection fault ip:7f sp:7f error:0 in libfoo.so.1[7f+6]",
        "pcieport 0000:00:1c.0: AER: enabled with IRQ 122",
        "EDAC MC0: Giving out device to module skx_edac controller: DEV 0000:64:0a.0 (INTERRUPT)",
        "---[ end Kernel panic - not syncing: Fatal exception ]---",
        "EXT4-fs (sda1): mounted filesystem with ordered data mode",
        "NMI watchdog: Enabled. Permanently consumes one hw-PMU counter."
      })
  void whatHealthyKernelsSayIsNoFault(String line) {
    Row row = Table.find(line);
    if (row != null) {
      assertThat(row.category()).isEqualTo(lastwords.kernel.Category.USERSPACE);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
      WARNING: CPU: 3 PID: 42 at fs/a.c:1 f+0x1/0x2       | warning
      WARNING: at fs/a.c:1 f()                            | warning
      WARNING: fs/a.c:1 at f+0x1/0x2, CPU#3: sh/42        | warning
      WARNING: [x != y] fs/a.c:1 at f+0x1/0x2, CPU#3      | warning
      WARNING: CPU: 0 PID: 1 at lib/refcount.c:28 g+0x1   | refcount
      Oops: general protection fault, probably for 0xdead | gpf
      Oops: 0002 [#1] SMP                                 | page-fault
      PANIC: double fault, error_code: 0x0                | double-fault
      Unable to handle kernel paging request at virtual   | page-fault
      Kernel panic - not syncing: Out of memory: x        | oom-panic
      """)
  void everyWordingOfAHeadlineIsKnown(String line, String kind) {
    assertThat(Table.find(line)).isNotNull().extracting(Row::kind).isEqualTo(kind);
  }

  @Test
  void onlyTheBeginningOfAnEndlessLineIsJudged() {
    assertThat(Table.find("x".repeat(Table.MAX_LINE) + "kernel BUG at fs/a.c:1!")).isNull();
    assertThat(Table.find("kernel BUG at fs/a.c:1! " + "x".repeat(1 << 16))).isNotNull();
  }
}
