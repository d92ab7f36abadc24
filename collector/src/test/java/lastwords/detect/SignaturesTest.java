package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import lastwords.kernel.Crash;
import lastwords.kernel.Explanation;
import lastwords.kernel.Explanation.Judged;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignaturesTest {
  private static final String X86 =
      """
      BUG: kernel NULL pointer dereference, address: 0000000000000018
      #PF: supervisor read access in kernel mode
      Oops: 0000 [#1] PREEMPT SMP PTI
      CPU: 3 PID: 812 Comm: pump Not tainted 6.1.0-9-amd64 #1
      Hardware name: Acme Tower/X1, BIOS 1.2 01/02/2023
      RIP: 0010:pump_drain.isra.0+0x1c/0x80 [pump]
      Code: 48 8b 47 18 <8b> 00
      RSP: 0018:ffffa1b2c3d4e5f0 EFLAGS: 00010246
      Call Trace:
       <TASK>
       ? __die+0x1f/0x70
       ? show_regs+0x60/0x70
       mutex_lock+0x20/0x50
       pump_cycle+0x88/0x120 [pump]
       pump_write.constprop.0+0x30/0x60 [pump]
       vfs_write+0xb8/0x410
       ksys_write+0x6f/0xf0
       do_syscall_64+0x5b/0xc0
       entry_SYSCALL_64_after_hwframe+0x64/0xce
       </TASK>
      ---[ end trace 0000000000000000 ]---
      """;

  private static final String ARM64 =
      """
      Unable to handle kernel NULL pointer dereference at virtual address 0000000000000018
      Mem abort info:
        ESR = 0x0000000096000004
      Internal error: Oops: 0000000096000004 [#1] SMP
      CPU: 0 PID: 99 Comm: pumpd Tainted: G           OE      6.12.3 #7
      Hardware name: Acme Board (DT)
      pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)
      pc : pump_drain+0x24/0x9c [pump 0123456789abcdef0123456789abcdef01234567]
      lr : pump_cycle+0x90/0x130 [pump]
      sp : ffff80000a0b3c20
      x29: ffff80000a0b3c20 x28: 0000000000000000 x27: 0000000000000000
      Call trace:
       pump_drain+0x24/0x9c [pump]
       pump_cycle+0x90/0x130 [pump]
       pump_write+0x34/0x68 [pump]
       vfs_write+0xd0/0x3c0
       ksys_write+0x74/0x110
       __arm64_sys_write+0x24/0x30
       invoke_syscall+0x50/0x120
       el0_svc+0x34/0xe0
      Code: f9400c00 b9400001 (b9400000) d65f03c0
      ---[ end trace 0000000000000000 ]---
      """;

  @Test
  void oneFaultOnTwoArchitecturesAndReleasesIsOneGroupAndOneWay() throws IOException {
    Crash one = crash(X86);
    Crash other = crash(ARM64);
    assertThat(other.signature()).isEqualTo(one.signature());
    assertThat(one.signatureVersion()).isEqualTo(2);
    assertThat(explanation(other).path()).isEqualTo(explanation(one).path());
  }

  @Test
  void addressesOffsetsAndBuildIdsChangeNeitherGroupNorWay() throws IOException {
    String build = "0123456789abcdef0123456789abcdef01234567";
    String other =
        X86.replaceAll("\\+0x[0-9a-f]+/0x[0-9a-f]+", "+0x77/0x777")
            .replace("[pump]", "[pump " + build + "]")
            .replace("#1\n", "#9 " + build + "\n")
            .replace("000000000000018", "000000000000a40")
            .replaceAll("(?m)^ (?=[a-z])", " [<ffffffff81a0b0c0>] ");
    assertThat(crash(other).signature()).isEqualTo(crash(X86).signature());
    assertThat(explanation(crash(other)).path()).isEqualTo(explanation(crash(X86)).path());
  }

  @Test
  void whatAnInterruptFellIntoIsNoWayToTheFault() throws IOException {
    String interrupted =
        """
         </IRQ>
         <TASK>
         asm_common_interrupt+0x22/0x40
         %s+0x10/0x20
         </TASK>
        """;
    String irq = X86.replace("<TASK>", "<IRQ>").replace(" vfs_write+0xb8/0x410\n ksys", " ksys");
    Crash one = crash(irq.replace(" </TASK>\n", interrupted.formatted("valve_open")));
    Crash other = crash(irq.replace(" </TASK>\n", interrupted.formatted("hose_connect")));
    assertThat(explanation(one).path()).isEqualTo(explanation(other).path());
    assertThat(explanation(one).frames()).contains(new Judged("valve_open", "below the entry"));
  }

  @Test
  void ofADeadlocksStacksTheOneThatTriedLastIsTheWay() throws IOException {
    Crash crash =
        crash(
            """
            WARNING: possible circular locking dependency detected
            6.1.0-9-amd64 #1 Not tainted
            ------------------------------------------------------
            pump/812 is trying to acquire lock:
            ffff888101234567 (&valve->lock){+.+.}-{3:3}, at: pump_drain+0x1c/0x80

            but task is already holding lock:
            ffff888107654321 (&hose->lock){+.+.}-{3:3}, at: pump_cycle+0x88/0x120

            which lock already depends on the new lock.

            the existing dependency chain (in reverse order) is:

            -> #1 (&hose->lock){+.+.}-{3:3}:
                   __mutex_lock+0x9f/0x750
                   pump_drain+0x2c/0x80
                   hose_connect+0x20/0x40
                   do_syscall_64+0x5b/0xc0

            -> #0 (&valve->lock){+.+.}-{3:3}:
                   check_prev_add+0x91/0xc10
                   __lock_acquire+0x1280/0x2130
                   lock_acquire+0xd3/0x310
                   __mutex_lock+0x9f/0x750
                   pump_drain+0x1c/0x80
                   pump_cycle+0x88/0x120
                   pump_write+0x30/0x60
                   do_syscall_64+0x5b/0xc0

            other info that might help us debug this:
            """);
    assertThat(explanation(crash).frames())
        .filteredOn(frame -> frame.verdict().equals("guilty") || frame.verdict().equals("path"))
        .extracting(Judged::function)
        .containsExactly("pump_drain", "pump_cycle", "pump_write");
    assertThat(explanation(crash).frames().getFirst().verdict()).isNotEqualTo("guilty");
  }

  @Test
  void theFileThatSaysItIsTheArchitecturesOwn() throws IOException {
    assertThat(explanation(crash(ARM64)).source()).isEqualTo("arch/arm64/mm/fault.c");
    String riscv =
        """
        Unable to handle kernel NULL pointer dereference at virtual address 0000000000000018
        Oops [#1]
        CPU: 0 PID: 99 Comm: pumpd Not tainted 6.12.3 #7
        epc : pump_drain+0x24/0x9c
         ra : pump_cycle+0x90/0x130
        [<ffffffff80001234>] pump_drain+0x24/0x9c
        [<ffffffff80001256>] pump_cycle+0x90/0x130
        ---[ end trace 0000000000000000 ]---
        """;
    assertThat(explanation(crash(riscv)).source()).isEqualTo("arch/riscv/mm/fault.c");
  }

  @Test
  void aRustFunctionIsFoundInItsStack() throws IOException {
    Explanation why =
        explanation(crash(X86.replace("pump_drain.isra.0", "_RNvCs1234_4pump5drain")));
    assertThat(why.frames().getFirst()).isEqualTo(new Judged("pump::drain", "guilty"));
  }

  @Test
  void aSanitizersFramesChangeNeitherGroupNorWay() throws IOException {
    String with =
        X86.replace(
            " mutex_lock+", " kasan_report+0xd8/0x110\n __asan_load8+0x80/0xb0\n mutex_lock+");
    assertThat(crash(with).signature()).isEqualTo(crash(X86).signature());
    assertThat(explanation(crash(with)).path()).isEqualTo(explanation(crash(X86)).path());
  }

  @Test
  void twoWaysToOneFaultAreOneGroupAndCanBeToldApart() throws IOException {
    Crash other = crash(X86.replace("pump_cycle+", "pump_flush+"));
    assertThat(other.signature()).isEqualTo(crash(X86).signature());
    assertThat(explanation(other).path()).isNotEqualTo(explanation(crash(X86)).path());
  }

  @Test
  void aCrashSaysWhichLinesAndFramesNamedIt() throws IOException {
    Explanation why = explanation(crash(X86));
    assertThat(why.lines()).contains(0, 5);
    assertThat(why.signed()).containsExactly("null-deref", crash(X86).title());
    assertThat(why.frames())
        .contains(
            new Judged("pump_drain", "guilty"),
            new Judged("__die", "guess"),
            new Judged("mutex_lock", "locks"),
            new Judged("pump_cycle", "path"),
            new Judged("pump_write", "path"),
            new Judged("do_syscall_64", "entry"));
  }

  @Test
  void howDeepARecursionWentIsNoOtherWay() {
    assertThat(Signatures.path(List.of("a", "b", "b.isra.0", "b", "c")))
        .isEqualTo(Signatures.path(List.of("a", "b", "c")))
        .isNotEqualTo(Signatures.path(List.of("a", "c", "b")));
  }

  @ParameterizedTest
  @CsvSource({
    "pump_drain.isra.0.cold, pump_drain",
    "pump_drain.constprop.3, pump_drain",
    "pump_drain.part.0.llvm.1234567890, pump_drain",
    "pump_drain.lto_priv.0, pump_drain",
    "pump_drain.isra.12.constprop.0.part.5.cold, pump_drain",
    "pump_drain.lto_priv.0.cold, pump_drain",
    "pump_drain.ipa, pump_drain",
    "pump_drain.llvm.8126389234567890123.cold, pump_drain",
    "__cfi_pump_drain, pump_drain",
    ".pump_drain, pump_drain",
    "__pfx_pump_drain, pump_drain",
    "__x64_sys_flock, flock",
    "__arm64_sys_flock, flock",
    "__s390x_sys_flock, flock",
    "__riscv_sys_flock, flock",
    "__se_sys_flock, flock",
    "__do_sys_flock, flock",
    "sys_flock, flock",
    "SyS_flock, flock",
    "SYSC_flock, flock",
    "ksys_flock, flock",
    "__ia32_sys_flock, flock",
    "__ia32_compat_sys_flock, flock",
    "__x64_compat_sys_flock, flock",
    "__s390x_compat_sys_flock, flock",
    "__se_compat_sys_flock, flock",
    "__do_compat_sys_flock, flock",
    "compat_sys_flock, flock",
    "__loongarch_sys_flock, flock",
    "__powerpc_sys_flock, flock",
    "_RNvCs1234_4pump5drain, pump::drain",
    "_RNvCs98zz_4pump5drain.llvm.77, pump::drain",
    "_ZN4pump5drain17h0123456789abcdefE, pump::drain",
    "__cfi__RNvCs1234_4pump5drain, pump::drain",
    "__pfx__ZN4pump5drain17h0123456789abcdefE, pump::drain",
    "_ZN4pump5drainEv, pump::drain",
    "_ZN4pump5drainEi.isra.0.cold, pump::drain",
    "__system_heap_get, __system_heap_get",
  })
  void aFunctionHasOneNameWhateverMadeItsSymbol(String symbol, String name) {
    assertThat(Signatures.function(symbol)).isEqualTo(name);
  }

  @Test
  void twoBuildsOfOneRustFunctionAreOneGroup() throws IOException {
    Crash one = crash(X86.replace("pump_drain.isra.0", "_RNvCs1234_4pump5drain"));
    Crash other = crash(X86.replace("pump_drain.isra.0", "_ZN4pump5drain17h0123456789abcdefE"));
    assertThat(one.signature()).isEqualTo(other.signature()).isNotEqualTo(crash(X86).signature());
    assertThat(explanation(one).signed().getLast()).endsWith(" in pump::drain");
  }

  @Test
  void whatTheRulesLeaveAloneKeepsTheNameItHad() {
    assertThat(Signatures.of(Signatures.signed("bug-on", "kernel BUG in pump_drain")))
        .isEqualTo("b4a4a1e9e59f35f3");
  }

  @Test
  void reportsThatLostWhatIsToBlameAreToldApartByWhomToLookAtFirst() throws IOException {
    String lost = "BUG: kernel NULL pointer dereference, address: 0000000000000008\nCall Trace:\n";
    Crash one = crash(lost + " ? widget_read+0x12/0x40\n");
    Crash other = crash(lost + " ? gadget_stop+0x12/0x40\n");
    assertThat(one.title()).isEqualTo(other.title()).endsWith(" in corrupted");
    assertThat(one.guilty()).isEqualTo("widget_read");
    assertThat(one.signature()).isNotEqualTo(other.signature());
    assertThat(crash(lost + " ? widget_read+0x77/0x99\n").signature()).isEqualTo(one.signature());
  }

  private static Explanation explanation(Crash crash) {
    return Objects.requireNonNull(crash.explanation());
  }

  private static Crash crash(String report) throws IOException {
    return Analyzer.analyze(new ByteArrayInputStream(report.getBytes(StandardCharsets.UTF_8)))
        .getFirst();
  }
}
