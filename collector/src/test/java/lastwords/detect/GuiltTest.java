package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;

class GuiltTest {
  private static final String NULL =
      "BUG: kernel NULL pointer dereference, address: 0000000000000008";
  private static final String HUNG = "INFO: task widgetd:17 blocked for more than 143 seconds.";
  private static final String STALL = "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:";

  @Test
  void aReportThatLostItsPointerIsCorrupted() throws IOException {
    Crash crash = crash(NULL, trace("widget_read", "widget_ioctl"));
    assertThat(crash.title())
        .isEqualTo("BUG: unable to handle kernel NULL pointer dereference in corrupted");
    assertThat(crash.corrupted()).isTrue();
  }

  @Test
  void guessesMakeASuspectButNoTitle() throws IOException {
    Crash crash =
        crash(
            NULL,
            "RIP: 0010:0x86",
            "Call Trace:",
            " ? widget_call+0x1/0x2",
            " ? widget_ioctl+0x1/0x2");
    assertThat(crash.title()).endsWith(" in corrupted");
    assertThat(crash.guilty()).isEqualTo("widget_call");
  }

  @Test
  void whoJumpsToNowhereOnArm64IsInTheLinkRegister() throws IOException {
    Crash crash =
        crash(
            "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000",
            "pc : 0x0",
            "lr : widget_call+0x10/0x20",
            "Call trace:",
            " 0x0",
            " widget_ioctl+0x10/0x20",
            " el0_svc+0x10/0x20");
    assertThat(crash.guilty()).isEqualTo("widget_call");
  }

  @Test
  void aSystemCallIsKnownByAllItsNames() throws IOException {
    Crash crash = crash(NULL, pointer("__x64_sys_widget"), trace("do_syscall_64"));
    assertThat(crash.guilty()).isEqualTo("sys_widget");
    assertThat(crash.altTitles())
        .containsExactlyInAnyOrder(
            "bad-access in sys_widget",
            "bad-access in __x64_sys_widget",
            "BUG: unable to handle kernel NULL pointer dereference in __x64_sys_widget");
  }

  @Test
  void whoWaitsForRcuIsOneBug() throws IOException {
    Crash crash =
        crash(HUNG, trace("__schedule", "schedule", "synchronize_rcu_expedited", "widget_drop"));
    assertThat(crash.title()).isEqualTo("INFO: task hung in synchronize_rcu");
    assertThat(crash.altTitles()).contains("hang in synchronize_rcu_expedited");
  }

  @Test
  void aThreadThatOnlyWaitsIsBlamedByItsMainFunction() throws IOException {
    assertThat(
            crash(
                    HUNG,
                    trace("__schedule", "schedule", "widget_wait_loop", "kthread", "ret_from_fork"))
                .guilty())
        .isEqualTo("widget_wait_loop");
  }

  @Test
  void whoeverAsksOtherCpusToRunSomethingWaitsForTheSame() throws IOException {
    Crash crash =
        crash(
            STALL,
            trace("asm_sysvec_apic_timer_interrupt"),
            pointer("smp_call_function_many_cond"),
            frames("on_each_cpu", "widget_flush", "do_syscall_64"));
    assertThat(crash.title()).isEqualTo("INFO: rcu detected stall in smp_call_function");
    assertThat(crash.altTitles()).contains("stall in smp_call_function_many_cond");
  }

  @Test
  void aStallWithoutADispatcherIsCorrupted() throws IOException {
    Crash crash =
        crash(
            STALL,
            trace("asm_sysvec_apic_timer_interrupt"),
            pointer("widget_poll"),
            frames("widget_run"));
    assertThat(crash.corrupted()).isTrue();
  }

  @Test
  void theStackOfAFaultInjectionIsNotTheReports() throws IOException {
    Crash crash =
        crash(
            "BUG: sleeping function called from invalid context at mm/slab.h:17",
            trace("dump_stack", "should_failslab", "widget_alloc"));
    assertThat(crash.corrupted()).isTrue();
  }

  @Test
  void anotherStackWithoutAReportOfItsOwnEndsTheReport() throws IOException {
    Crash crash =
        crash(
            "BUG: sleeping function called from invalid context at mm/slab.h:17",
            "vmalloc: allocation failure: 4096 bytes",
            trace("dump_stack", "warn_alloc", "widget_map"));
    assertThat(crash.title()).endsWith(" in corrupted");
  }

  @Test
  void inlinedFunctionsThatOnlySymbolsKnowChangeNoTitle() throws IOException {
    Crash crash =
        crash(
            "BUG: sleeping function called from invalid context at mm/slab.h:17",
            "Call Trace:",
            " dump_stack+0x1/0x2 lib/dump_stack.c:17",
            " widget_inline drivers/widget.c:17 [inline]",
            " widget_alloc+0x1/0x2 drivers/widget.c:18");
    assertThat(crash.guilty()).isEqualTo("widget_alloc");
  }

  @Test
  void aHeadlineThatNeedsMoreOfItsReportIsItsOwnTitleWithoutThat() throws IOException {
    Crash crash = crash("WARNING: possible recursive locking detected", "6.12.0 #1 Not tainted");
    assertThat(crash.title()).isEqualTo("WARNING: possible recursive locking detected");
    assertThat(crash.kind()).isEqualTo("lockdep");
    assertThat(crash.corrupted()).isTrue();
  }

  @Test
  void aWarningWithoutTheKernelsTimeMayBeAnybodys() throws IOException {
    assertThat(analyze("WARNING: no widgets are configured\nstarting\n")).isEmpty();
    assertThat(analyze("[    7.000000] WARNING: no widgets are configured\n")).hasSize(1);
  }

  @Test
  void whatSyslogSaysIsTheKernelsCountsAsSuch() throws IOException {
    String text = "WARNING: no widgets are configured\n";
    assertThat(analyze("Jan  2 03:04:05 host1 kernel: " + text)).hasSize(1);
    assertThat(analyze("Jan  2 03:04:05 host1 widgetd[12]: " + text)).isEmpty();
    assertThat(analyze("Jan  2 03:04:05 host1 widgetd: " + text)).isEmpty();
  }

  @Test
  void aBugThatNamesItsSourceIsOneWhateverItsNumbers() throws IOException {
    String text = "Jan  2 03:04:05 host1 kernel: ALSA sound/core/pcm_lib.c:181: BUG: pcmC0D0p:0, ";
    assertThat(analyze(text + "pos = 0x4000\n" + text + "pos = 0x8000\n"))
        .extracting(Crash::title)
        .containsExactly("BUG: pcmC0D0p:NUM");
  }

  @Test
  void warningsThatAreNoTroubleAreKnownInAnyCase() throws IOException {
    assertThat(analyze("[    7.000000] WARNING: The Mand Mount Option is being deprecated\n"))
        .isEmpty();
  }

  @Test
  void aRustFunctionIsCalledAsItsSourceHasIt() throws IOException {
    Crash crash = crash(NULL, pointer("_RNvCs1234_6widget3add"), trace("do_syscall_64"));
    assertThat(crash.guilty()).isEqualTo("widget::add");
  }

  @Test
  void aHeadlineThatIsCutOffCountsAsTheLastWord() throws IOException {
    assertThat(analyze("BUG:")).singleElement().satisfies(c -> assertThat(c.corrupted()).isTrue());
    assertThat(analyze("INFO:\n  starting\n")).isEmpty();
  }

  @Test
  void aMachineThatStartsIsNoneThatStartsAgain() throws IOException {
    String start = "SeaBIOS (version 1.16.2)\nBooting the kernel.\n";
    assertThat(analyze(start)).isEmpty();
    assertThat(analyze("reboot: Restarting system\n" + start)).isEmpty();
    assertThat(analyze("widgets are on\n" + start)).hasSize(1);
  }

  @Test
  void aRightAnswerIsInNoFamily() {
    assertThat(
            Stream.of(
                "deactivate_slab",
                "process_one_work",
                "run_timer_softirq",
                "ret_from_exception",
                "widget_wild_pointer",
                "ext4_fill_super",
                "synchronize_rcu",
                "__se_sys_mount",
                "tcp_v4_rcv"))
        .noneMatch(f -> Blameless.contains(f, null));
  }

  @Test
  void everyFamilySaysWhyAndHoldsSomebody() {
    assertThat(Blameless.FAMILIES).noneMatch(f -> f.why().isBlank() || f.functions().isEmpty());
    assertThat(
            Stream.of(
                "dump_stack_lvl",
                "__warn_printk",
                "do_error_trap",
                "__asan_load8",
                "_raw_spin_lock_irqsave",
                "strscpy",
                "__kmalloc_node",
                "__filemap_get_folio",
                "__list_del_entry_valid",
                "refcount_inc",
                "vsnprintf",
                "debug_object_activate",
                "flush_work",
                "kobject_put",
                "usb_submit_urb",
                "readl"))
        .allMatch(f -> Blameless.contains(f, null));
  }

  private static String pointer(String function) {
    return "RIP: 0010:" + function + "+0x10/0x20";
  }

  private static String trace(String... functions) {
    return "Call Trace:\n" + frames(functions);
  }

  private static String frames(String... functions) {
    return Stream.of(functions).map(f -> " " + f + "+0x10/0x20").collect(Collectors.joining("\n"));
  }

  private static Crash crash(String... lines) throws IOException {
    return analyze(
            String.join("\n", lines)
                .lines()
                .map(l -> "[    7.000000] " + l + "\n")
                .collect(Collectors.joining()))
        .getFirst();
  }

  private static List<Crash> analyze(String log) throws IOException {
    return Analyzer.analyze(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)));
  }
}
