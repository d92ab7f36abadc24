package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What each architecture prints of a null pointer, a `BUG()`, a `WARN_ON()` and a panic: a driver
/// called widget, written after each one's `traps.c`, `process.c` and `stacktrace.c`.
class ArchitecturesTest {
  private static final String NULL_DEREF = "null-deref";

  /// The parts of a report that differ.
  record Printed(
      String arch, String nullHeadline, String oops, String registers, String stack, String end) {
    String who(String taint) {
      return "CPU: 1 UID: 0 PID: 77 Comm: sh "
          + taint
          + " 6.12.0-test #1 \nHardware name: Widget One\n";
    }

    String nullDeref() {
      return nullHeadline
          + oops
          + "Modules linked in: widget(OE) other\n"
          + who("Tainted: G           OE     ")
          + "Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE\n"
          + registers
          + stack
          + end
          + "---[ end trace 0000000000000000 ]---\n";
    }

    String bug() {
      return "------------[ cut here ]------------\n"
          + "kernel BUG at drivers/misc/widget.c:10!\n"
          + oops
          + "Modules linked in: widget(OE) other\n"
          + who("Tainted: G           OE     ")
          + registers
          + stack
          + end
          + "---[ end trace 0000000000000000 ]---\n";
    }

    String warning() {
      return "------------[ cut here ]------------\n"
          + "WARNING: CPU: 1 PID: 77 at drivers/misc/widget.c:10 widget_poke+0x1c/0x80 [widget]\n"
          + "Modules linked in: widget(OE) other\n"
          + who("Tainted: G           OE     ")
          + registers
          + stack
          + end
          + "---[ end trace 0000000000000000 ]---\n";
    }

    String panic() {
      return "Kernel panic - not syncing: widget is on fire\n"
          + who("Tainted: G           OE     ")
          + (stack.contains("race:") ? "" : "Call Trace:\n")
          + stack
          + "---[ end Kernel panic - not syncing: widget is on fire ]---\n";
    }
  }

  static Stream<Printed> architectures() {
    return Stream.of(
        new Printed(
            "x86_64",
            """
            BUG: kernel NULL pointer dereference, address: 0000000000000000
            #PF: supervisor read access in kernel mode
            #PF: error_code(0x0000) - not-present page
            PGD 0 P4D 0
            """,
            "Oops: Oops: 0000 [#1] PREEMPT SMP PTI\n",
            """
            RIP: 0010:widget_poke+0x1c/0x80 [widget]
            Code: 90 90 90 90 <48> 8b 07 c3
            RSP: 0018:ffffb8a780c7fe10 EFLAGS: 00010246
            RAX: 0000000000000000 RBX: ffff9d1c4a3e8000 RCX: 0000000000000000
            FS:  00007f1a5d3c0740(0000) GS:ffff9d1c7bd00000(0000) knlGS:0000000000000000
            CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033
            """,
            """
            Call Trace:
             <TASK>
             ? widget_stale+0x5/0x10 [widget]
             widget_write+0x44/0x90 [widget]
             vfs_write+0xf8/0x450
             ksys_write+0x6d/0xf0
             do_syscall_64+0x82/0x190
             entry_SYSCALL_64_after_hwframe+0x76/0x7e
            """,
            """
            RIP: 0033:0x7f1a5d4b5240
            RSP: 002b:00007fff9be0d0a8 EFLAGS: 00000202 ORIG_RAX: 0000000000000001
             </TASK>
            """),
        new Printed(
            "i686",
            """
            BUG: kernel NULL pointer dereference, address: 00000000
            #PF: supervisor read access in kernel mode
            *pde = 00000000
            """,
            "Oops: 0000 [#1] SMP\n",
            """
            EIP: widget_poke+0x1c/0x80 [widget]
            Code: 90 90 <8b> 00 c3
            EAX: 00000000 EBX: c2a3e800 ECX: 00000000 EDX: 00000000
            ESI: c2a3e800 EDI: 00000001 EBP: c2b7fe10 ESP: c2b7fe00
            DS: 007b ES: 007b FS: 00d8 GS: 0000 SS: 0068 EFLAGS: 00010246
            """,
            """
            Call Trace:
             ? widget_stale+0x5/0x10 [widget]
             widget_write+0x44/0x90 [widget]
             vfs_write+0xf8/0x450
             ksys_write+0x6d/0xf0
             __ia32_sys_write+0x16/0x20
             do_int80_syscall_32+0x32/0x50
             entry_INT80_32+0xf0/0xf0
            """,
            "EIP: 0xb7f0d549\nEAX: ffffffda EBX: 00000001 ECX: 0198a5b0 EDX: 00000002\n"),
        new Printed(
            "arm64",
            """
            Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000
            Mem abort info:
              ESR = 0x0000000096000004
              EC = 0x25: DABT (current EL), IL = 32 bits
            user pgtable: 4k pages, 48-bit VAs, pgdp=0000000042f2a000
            """,
            "Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP\n",
            """
            pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)
            pc : widget_poke+0x1c/0x80 [widget]
            lr : widget_write+0x44/0x90 [widget]
            sp : ffff80008290bc40
            x29: ffff80008290bc40 x28: ffff0000c2b20000 x27: 0000000000000000
            x2 : 0000000000000000 x1 : ffff0000c2b20000 x0 : 0000000000000000
            """,
            """
            Call trace:
             widget_poke+0x1c/0x80 [widget] (P)
             widget_write+0x44/0x90 [widget]
             vfs_write+0xc8/0x390
             ksys_write+0x74/0x110
             __arm64_sys_write+0x24/0x38
             invoke_syscall+0x50/0x120
             el0_svc_common.constprop.0+0x48/0xf0
             do_el0_svc+0x24/0x38
             el0_svc+0x3c/0x148
             el0t_64_sync_handler+0x120/0x130
             el0t_64_sync+0x190/0x198
            """,
            "Code: d503201f d503201f f9400000 (b9400001)\n"),
        new Printed(
            "arm",
            """
            8<--- cut here ---
            Unable to handle kernel NULL pointer dereference at virtual address 00000000 when read
            [00000000] *pgd=00000000
            """,
            "Internal error: Oops: 5 [#1] SMP ARM\n",
            """
            PC is at widget_poke+0x1c/0x80 [widget]
            LR is at widget_write+0x44/0x90 [widget]
            pc : [<bf00001c>]    lr : [<bf000144>]    psr: 60000013
            sp : e0a55ed8  ip : e0a55ed8  fp : e0a55ef4
            r10: 00000004  r9 : c2b20000  r8 : 00000000
            Flags: nZCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment none
            Control: 10c5387d  Table: 42f2806a  DAC: 00000051
            Register r0 information: NULL pointer
            Process sh (pid: 77, stack limit = 0x2a3bcd90)
            Stack: (0xe0a55ed8 to 0xe0a56000)
            5ec0:                                                       c0e05d48 00000000
            """,
            """
            Call trace:
             widget_poke [widget] from widget_write+0x44/0x90 [widget]
             widget_write [widget] from vfs_write+0xc8/0x390
             vfs_write from ksys_write+0x74/0x110
             ksys_write from ret_fast_syscall+0x0/0x54
            Exception stack(0xe0a55fa8 to 0xe0a55ff0)
            5fa0:                   00000002 0004f2c0 00000001 0004f2c0 00000002 00000000
            """,
            "Code: e12fff1e e92d4010 e1a04000 (e5900000)\n"),
        new Printed(
            "ppc64le",
            """
            Kernel attempted to read user page (0) - exploit attempt? (uid: 0)
            BUG: Kernel NULL pointer dereference on read at 0x00000000
            Faulting instruction address: 0xc008000000f4001c
            """,
            """
            Oops: Kernel access of bad area, sig: 11 [#1]
            LE PAGE_SIZE=64K MMU=Radix SMP NR_CPUS=2048 NUMA pSeries
            """,
            """
            NIP:  c008000000f4001c LR: c008000000f40144 CTR: c000000000f3c0a0
            REGS: c00000000a3f7a20 TRAP: 0300   Tainted: G           OE       (6.12.0-test)
            MSR:  800000000280b033 <SF,VEC,VSX,EE,FP,ME,IR,DR,RI,LE>  CR: 24002222  XER: 00000000
            CFAR: c00000000000dc5c DAR: 0000000000000000 DSISR: 40000000 IRQMASK: 0
            GPR00: c008000000f40144 c00000000a3f7cc0 c008000000f49300 0000000000000000
            NIP [c008000000f4001c] widget_poke+0x1c/0x80 [widget]
            LR [c008000000f40144] widget_write+0x44/0x90 [widget]
            """,
            """
            Call Trace:
            [c00000000a3f7cc0] [c008000000f40130] widget_stale+0x30/0x90 [widget] (unreliable)
            [c00000000a3f7cf0] [c008000000f40144] widget_write+0x44/0x90 [widget]
            [c00000000a3f7d20] [c0000000005a8c48] vfs_write+0xf8/0x4f0
            [c00000000a3f7dc0] [c0000000005a9280] ksys_write+0x84/0x140
            [c00000000a3f7e10] [c00000000002f0a4] system_call_exception+0x164/0x310
            [c00000000a3f7e50] [c00000000000d05c] system_call_vectored_common+0x15c/0x2ec
            --- interrupt: 3000 at 0x7fff9d52b034
            """,
            "Code: 38600000 4e800020 60000000 <80630000> 4e800020\n"),
        new Printed(
            "s390x",
            """
            Unable to handle kernel pointer dereference in virtual kernel address space
            Failing address: 0000000000000000 TEID: 0000000000000483
            Fault in home space mode while using kernel ASCE.
            AS:00000001a2b3c007 R3:0000000000000024
            """,
            "Oops: 0004 ilc:2 [#1] SMP\n",
            """
            Krnl PSW : 0704c00180000000 000003ff8000101c (widget_poke+0x1c/0x80 [widget])
                       R:0 T:1 IO:1 EX:1 Key:0 M:1 W:0 P:0 AS:3 CC:0 PM:0 RI:0 EA:3
            Krnl GPRS: 0000000000000000 0000000000000000 0000000000000000 0000000000000001
            Krnl Code: 000003ff8000100c: a7f4ff87            brc     15,000003ff80000f1a
                      #000003ff80001018: e31020000004        lg      %r1,0(%r2)
            """,
            """
            Call Trace:
             [<000003ff8000101c>] widget_poke+0x1c/0x80 [widget]
            ([<000003ff80001130>] widget_stale+0x30/0x90 [widget])
             [<000003ff80001144>] widget_write+0x44/0x90 [widget]
             [<00000000f1a8c2d8>] vfs_write+0xf8/0x450
             [<00000000f1a8c9a0>] ksys_write+0x6d/0xf0
             [<00000000f2345678>] __do_syscall+0x1d6/0x200
             [<00000000f2356780>] system_call+0x70/0x98
            """,
            """
            INFO: lockdep is turned off.
            Last Breaking-Event-Address:
             [<00000000f1111118>] __s390_indirect_jump_r1+0x0/0x10
            """),
        new Printed(
            "riscv",
            "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000\n",
            "Oops [#1]\n",
            """
            epc : widget_poke+0x1c/0x80 [widget]
             ra : widget_write+0x44/0x90 [widget]
            epc : ffffffff0160001c ra : ffffffff01600144 sp : ff2000000063bd00
             gp : ffffffff81b1c4c0 tp : ff60000002b20000 t0 : 0000000000000000
             s0 : ff2000000063bd20 s1 : 0000000000000001 a0 : 0000000000000000
            status: 0000000200000120 badaddr: 0000000000000000 cause: 000000000000000d
            """,
            """
            [<ffffffff0160001c>] widget_poke+0x1c/0x80 [widget]
            [<ffffffff01600144>] widget_write+0x44/0x90 [widget]
            [<ffffffff801f6a52>] vfs_write+0xf8/0x450
            [<ffffffff801f6f9c>] ksys_write+0x6d/0xf0
            [<ffffffff80a4c8f4>] do_trap_ecall_u+0xbe/0x1d0
            [<ffffffff80a58e2c>] ret_from_exception+0x0/0x64
            """,
            "Code: 0001 0001 0001 (4108) 8082\n"),
        new Printed(
            "loongarch64",
            "CPU 1 Unable to handle kernel paging request at virtual address 0000000000000000, era == ffff80000200001c, ra == ffff800002000144\n",
            "Oops[#1]:\n",
            """
            pc ffff80000200001c ra ffff800002000144 tp 9000000104b54000 sp 9000000104b57d10
            a0 0000000000000000 a1 0000000000000001 a2 0000000000000000 a3 0000000000000000
               ra: ffff800002000144 widget_write+0x44/0x90 [widget]
              ERA: ffff80000200001c widget_poke+0x1c/0x80 [widget]
             CRMD: 000000b0 (PLV0 -IE -DA +PG DACF=CC DACM=CC -WE)
            ESTAT: 00010000 [PIL] (IS= ECode=1 EsubCode=0)
             BADV: 0000000000000000
             PRID: 0014c010 (Loongson-64bit, Loongson-3A5000)
            Process sh (pid: 77, threadinfo=00000000f4a0b4d5, task=000000008a3a4b7d)
            Stack : 9000000104b57d40 9000000000c3d1a8 0000000000000000 9000000104b57e08
            """,
            """
            Call Trace:
            [<ffff80000200001c>] widget_poke+0x1c/0x80 [widget]
            [<ffff800002000144>] widget_write+0x44/0x90 [widget]
            [<90000000005a8c48>] vfs_write+0xf8/0x450
            [<90000000005a9280>] ksys_write+0x6d/0xf0
            [<9000000001a2f0a4>] do_syscall+0x78/0xb0
            [<90000000002210b8>] handle_syscall+0xb8/0x158
            """,
            "Code: 4c000020  02c00000  <28800084> 4c000020\n"),
        new Printed(
            "mips",
            "CPU 1 Unable to handle kernel paging request at virtual address 00000000, epc == c000001c, ra == c0000144\n",
            "Oops[#1]:\n",
            """
            $ 0   : 00000000 00000001 00000000 8f1c8000
            $ 4   : 00000000 00000001 00000000 00000000
            Hi    : 00000125
            Lo    : 122f2000
            epc   : c000001c widget_poke+0x1c/0x80 [widget]
            ra    : c0000144 widget_write+0x44/0x90 [widget]
            Status: 11007c03\tKERNEL EXL IE
            Cause : 00800008 (ExcCode 02)
            BadVA : 00000000
            PrId  : 00019374 (MIPS 24Kc)
            Process sh (pid: 77, threadinfo=8f1c8000, task=8f0a5a00, tls=77e3d4a0)
            Stack : 8f1c9e58 00000001 00000000 8f1c9f08 00000000 800d5c48 00000000 00000000
            """,
            """
            Call Trace:
            [<c000001c>] widget_poke+0x1c/0x80 [widget]
            [<c0000144>] widget_write+0x44/0x90 [widget]
            [<800d5c48>] vfs_write+0xf8/0x450
            [<800d5d9c>] ksys_write+0x6d/0xf0
            [<8006a10c>] syscall_common+0x34/0x58
            """,
            "Code: 00000000  03e00008  00000000 <8c820000> 03e00008\n"));
  }

  static Stream<Arguments> reports() {
    return architectures()
        .flatMap(
            a ->
                Stream.of(
                    Arguments.of(a.arch(), nullKind(a.arch()), a.nullDeref()),
                    Arguments.of(a.arch(), "bug-on", a.bug()),
                    Arguments.of(a.arch(), "warning", a.warning())));
  }

  /// Where the kernel itself doesn't tell the null pointer from any other.
  private static String nullKind(String arch) {
    return switch (arch) {
      case "s390x", "loongarch64", "mips" -> "page-fault";
      default -> NULL_DEREF;
    };
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("reports")
  void aReportIsReadInFull(String arch, String kind, String report) throws IOException {
    Crash crash = one(report);
    assertThat(crash.kind()).isEqualTo(kind);
    assertThat(crash.guilty()).isEqualTo("widget_poke");
    assertThat(crash.title()).endsWith(" in widget_poke");
    assertThat(crash.arch()).isEqualTo(arch);
    assertThat(crash.ip()).isEqualTo("widget_poke");
    assertThat(crash.attrs()).containsEntry("module", "widget");
    assertThat(crash.corrupted()).isFalse();
    assertThat(crash.cpu()).isEqualTo(1);
    assertThat(crash.pid()).isEqualTo(77);
    assertThat(crash.comm()).isEqualTo("sh");
    assertThat(crash.tainted()).isEqualTo("GOE");
    assertThat(crash.kernel()).isEqualTo("6.12.0-test");
    assertThat(crash.hardware()).isEqualTo("Widget One");
    assertThat(crash.modules()).containsExactly("widget", "other");
    stack(crash);
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void aPanicHasItsStack(Printed printed) throws IOException {
    Crash crash = one(printed.panic());
    assertThat(crash.kind()).isEqualTo("panic");
    assertThat(crash.title()).isEqualTo("kernel panic: widget is on fire");
    assertThat(crash.panicked()).isTrue();
    stack(crash);
  }

  /// The calls in their order and nothing else: no register, no code, nobody's link register.
  private static void stack(Crash crash) {
    List<String> functions =
        crash.frames().stream()
            .filter(Frame::reliable)
            .map(Frame::function)
            .filter(f -> !f.equals("widget_poke"))
            .toList();
    assertThat(functions).startsWith("widget_write", "vfs_write", "ksys_write");
    assertThat(functions).doesNotContain("widget_stale", "__s390_indirect_jump_r1");
    assertThat(functions).doesNotHaveDuplicates();
    assertThat(functions).allMatch(f -> f.matches("[a-z_][A-Za-z0-9_.]+"));
    Frame write =
        crash.frames().stream()
            .filter(f -> f.function().equals("widget_write"))
            .findFirst()
            .orElseThrow();
    assertThat(write.offset()).isEqualTo(0x44);
    assertThat(write.module()).isEqualTo("widget");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " f+0x1c/0x80",
        " f+0x1c/0x80 [mod]",
        " f+0x1c/0x80 [mod 0123456789abcdef0123456789abcdef01234567]",
        " [<ffffffff8101c06b>] f+0x1c/0x80",
        "  <IRQ>  [<ffffffff8101c06b>] f+0x1c/0x80",
        " <<EOE>>  [<ffffffff8101c06b>] f+0x1c/0x80 [mod]",
        "[<f8a1c2d8>] :mod:f+0x1c/0x80",
        " [<c0014990>] (f+0x1c/0x80) from [<c005ccb8>] (g+0x14f8/0x1b98)",
        "[c00000000a3f7cc0] [c008000000f40144] .f+0x1c/0x80",
        "([<000003ff80001130>] f+0x1c/0x80)",
        " f+0x1c/0x80 (P)",
        " f+0x1c/0x80 fs/a.c:12",
        " [0000000000456789] f+0x1c/0x80"
      })
  void everyFormOfAFrameIsOne(String line) {
    List<Frame> frames = new ArrayList<>();
    FrameText.add(frames, line);
    assertThat(frames)
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.function()).isEqualTo("f");
              assertThat(f.offset()).isEqualTo(0x1c);
              assertThat(f.size()).isEqualTo(0x80);
              assertThat(f.reliable()).isTrue();
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " f (fs/a.c:12) mod",
        " f (fs/a.c:12 (discriminator 4)) mod",
        " f (include/linux/b.h:3 (discriminator 1) fs/a.c:12) mod 0123456789abcdef"
      })
  void whatTheKernelsOwnScriptDecodedIsAFrame(String line) {
    List<Frame> frames = new ArrayList<>();
    FrameText.add(frames, line);
    assertThat(frames)
        .containsExactly(new Frame("f", null, null, "mod", "fs/a.c", 12, false, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RAX: 0000000000000000 RBX: ffff9d1c4a3e8000 RCX: 0000000000000000",
        " ffffffff8105d660 ffff88022259dba0 ffff880227014410 ffff88022259dba8",
        " r10:60000013 r9:c2b20000 r8:00000000 r7:00000004 r6:e0a55f68",
        "Krnl GPRS: 0000000000000000 0000000000000000 0000000000000000",
        "           000003ff8000100c: a7f4ff87            brc     15,000003ff80000f1a",
        "Code: 90 90 <48> 8b 07 c3",
        "pc : widget_poke+0x1c/0x80",
        "LR is at widget_write+0x44/0x90 [widget]",
        "LR [c008000000f40144] widget_write+0x44/0x90 [widget]",
        "   ra: ffff800002000144 widget_write+0x44/0x90 [widget]",
        "ra    : c0000144 widget_write+0x44/0x90 [widget]",
        " ra : widget_write+0x44/0x90 [widget]"
      })
  void registersAreNoFrames(String line) {
    List<Frame> frames = new ArrayList<>();
    FrameText.add(frames, line);
    assertThat(frames).isEmpty();
  }

  private static Crash one(String report) throws IOException {
    List<Crash> crashes =
        Analyzer.analyze(
            new ByteArrayInputStream(
                report.replaceAll("(?m)^", "[   12.000001] ").getBytes(StandardCharsets.UTF_8)));
    assertThat(crashes).extracting(Crash::title).hasSize(1);
    return crashes.getFirst();
  }
}
