package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MendingTest {
  private static final List<String> OOPS =
      List.of(
          "BUG: kernel NULL pointer dereference, address: 0000000000000008",
          "#PF: supervisor read access in kernel mode",
          "Oops: 0000 [#1] PREEMPT SMP PTI",
          "CPU: 3 PID: 812 Comm: widgetd Not tainted 6.1.0-18-amd64 #1",
          "Hardware name: Example Corp Box/Board, BIOS 1.0 01/01/2020",
          "RIP: 0010:widget_read+0x12/0x40 [widget]",
          "Code: 00 00 <48> 8b 47 08",
          "RSP: 0018:ffffc90000123e80 EFLAGS: 00010246",
          "RAX: 0000000000000000 RBX: ffff888100000000 RCX: 0000000000000000",
          "Call Trace:",
          " <TASK>",
          " widget_ioctl+0x30/0x90 [widget]",
          " __x64_sys_ioctl+0x91/0xd0",
          " do_syscall_64+0x5b/0xc0",
          " </TASK>",
          "Modules linked in: widget",
          "---[ end trace 0000000000000000 ]---",
          "RIP: 0010:widget_read+0x12/0x40 [widget]");

  private static final List<String> WARNING =
      List.of(
          "WARNING: CPU: 1 PID: 7 at drivers/misc/widget.c:99 widget_check+0x20/0x60 [widget]",
          "Modules linked in: widget",
          "CPU: 1 PID: 7 Comm: kworker/1:1 Not tainted 6.1.0-18-amd64 #1",
          "RIP: 0010:widget_check+0x20/0x60 [widget]",
          "RSP: 0018:ffffc90000123e80 EFLAGS: 00010246",
          "Call Trace:",
          " <TASK>",
          " widget_work+0x30/0x90 [widget]",
          " process_one_work+0x1c7/0x380",
          " </TASK>");

  private static final List<String> KASAN =
      List.of(
          "BUG: KASAN: slab-use-after-free in widget_put+0x61/0x80",
          "Write of size 8 at addr ffff888012345678 by task sh/99",
          "CPU: 0 PID: 99 Comm: sh Not tainted 6.6.0 #1",
          "Call Trace:",
          " dump_stack_lvl+0xd9/0x1b0",
          " print_report+0xc4/0x620",
          " kasan_report+0xda/0x110",
          " __asan_store8+0x10/0x20",
          " widget_put+0x61/0x80",
          " widget_close+0x11/0x20",
          "",
          "Allocated by task 99:",
          " kasan_save_stack+0x33/0x60",
          " widget_open+0x22/0x50");

  private static final List<String> ARM64 =
      List.of(
          "Unable to handle kernel paging request at virtual address dead000000000108",
          "Internal error: Oops: 0000000096000044 [#1] SMP",
          "CPU: 2 PID: 5 Comm: kworker/2:0 Not tainted 6.1.0-18-arm64 #1",
          "pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)",
          "pc : widget_unlink+0x18/0x40",
          "lr : widget_work+0x2c/0x80",
          "sp : ffff80000a0bbd00",
          "Call trace:",
          " widget_unlink+0x18/0x40",
          " widget_work+0x2c/0x80",
          " process_one_work+0x1f4/0x460");

  private static final List<String> DEADLOCK =
      List.of(
          "WARNING: possible circular locking dependency detected",
          "6.6.0 #1 Not tainted",
          "------------------------------------------------------",
          "sh/99 is trying to acquire lock:",
          "ffff888012345678 (&widget->lock){+.+.}-{3:3}, at: widget_stop+0x30/0x80",
          "",
          "but task is already holding lock:",
          "ffff888012345680 (&gadget->lock){+.+.}-{3:3}, at: gadget_stop+0x22/0x50",
          "",
          "the existing dependency chain (in reverse order) is:",
          "",
          "-> #1 (&gadget->lock){+.+.}-{3:3}:",
          "       __mutex_lock+0x99/0x900",
          "       gadget_start+0x33/0x60",
          "       widget_start+0x44/0x70",
          "stack backtrace:",
          "CPU: 0 PID: 99 Comm: sh Not tainted 6.6.0 #1",
          "Call Trace:",
          " dump_stack_lvl+0xd9/0x1b0",
          " check_noncircular+0x311/0x400",
          " widget_stop+0x30/0x80",
          " gadget_stop+0x22/0x50");

  private static final List<String> LEAK =
      List.of(
          "BUG: memory leak",
          "unreferenced object 0xffff888112345600 (size 64):",
          "  comm \"sh\", pid 99, jiffies 4294945000",
          "  hex dump (first 32 bytes):",
          "    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................",
          "  backtrace (crc 1a2b3c4d):",
          "    [<ffffffff81234567>] kmalloc_trace+0x25/0x90",
          "    [<ffffffff81234568>] widget_open+0x22/0x50",
          "    [<ffffffff81234569>] chrdev_open+0x90/0x200");

  @Test
  void aReportNeedsNoneOfItsLinesThatAnotherVouchesFor() throws IOException {
    same(OOPS, "Call Trace:");
    same(OOPS, " <TASK>");
    same(OOPS, "RIP: 0010:widget_read+0x12/0x40 [widget]");
    same(WARNING, "Call Trace:");
    same(WARNING, "RIP: 0010:widget_check+0x20/0x60 [widget]");
    same(KASAN, "Call Trace:");
    same(KASAN, "Write of size 8 at addr ffff888012345678 by task sh/99");
    same(KASAN, "Allocated by task 99:");
    same(ARM64, "pc : widget_unlink+0x18/0x40");
    same(ARM64, "Call trace:");
    same(DEADLOCK, "sh/99 is trying to acquire lock:");
    same(DEADLOCK, "-> #1 (&gadget->lock){+.+.}-{3:3}:");
    same(DEADLOCK, "Call Trace:");
    same(LEAK, "  backtrace (crc 1a2b3c4d):");
  }

  @Test
  void whatOnlyTheLostLineSaidStaysLost() throws IOException {
    List<String> unsummed = OOPS.subList(0, OOPS.size() - 1);
    Crash crash = crash(without(unsummed, "RIP: 0010:widget_read+0x12/0x40 [widget]"));
    assertThat(crash.corrupted()).isTrue();
    assertThat(crash.title()).endsWith(" in corrupted");
  }

  @Test
  void whatAnX86KernelSaysLastIsOfTheReport() throws IOException {
    assertThat(crash(OOPS).report()).hasSize(OOPS.size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RIP  [<ffffffffa0123456>] widget_read+0x12/0x40 [widget]",
        "RIP: widget_read+0x12/0x40 [widget] RSP: ffffc90000123e80"
      })
  void olderKernelsSayItBeforeTheEnd(String summary) throws IOException {
    List<String> lines = new ArrayList<>(OOPS.subList(0, OOPS.size() - 2));
    lines.remove("RIP: 0010:widget_read+0x12/0x40 [widget]");
    lines.add(summary);
    assertThat(crash(lines).guilty()).isEqualTo("widget_read");
    assertThat(crash(lines).corrupted()).isFalse();
  }

  private static void same(List<String> report, String lost) throws IOException {
    Crash whole = crash(report);
    Crash crash = crash(without(report, lost));
    assertThat(whole.corrupted()).isFalse();
    assertThat(crash.title()).as("without %s", lost).isEqualTo(whole.title());
    assertThat(crash.guilty()).isEqualTo(whole.guilty());
    assertThat(crash.signature()).isEqualTo(whole.signature());
    assertThat(crash.corrupted()).as("without %s", lost).isFalse();
  }

  private static List<String> without(List<String> report, String lost) {
    List<String> lines = new ArrayList<>(report);
    assertThat(lines.remove(lost)).isTrue();
    return lines;
  }

  private static Crash crash(List<String> lines) throws IOException {
    StringBuilder log = new StringBuilder();
    lines.forEach(line -> log.append("[    7.000000] ").append(line).append('\n'));
    List<Crash> crashes =
        Analyzer.analyze(new ByteArrayInputStream(log.toString().getBytes(StandardCharsets.UTF_8)));
    assertThat(crashes).hasSize(1);
    return crashes.getFirst();
  }
}
