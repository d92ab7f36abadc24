package lastwords.detect;

import static lastwords.detect.Row.Trait.ALWAYS_CORRUPTED;
import static lastwords.detect.Row.Trait.BARE_STACK;
import static lastwords.detect.Row.Trait.ECHO;
import static lastwords.detect.Row.Trait.PANIC;
import static lastwords.detect.Row.row;
import static lastwords.kernel.Category.HARDWARE;
import static lastwords.kernel.Category.OOPS;
import static lastwords.kernel.Severity.CRITICAL;

import java.util.ArrayList;
import java.util.List;

/// The ways in which a kernel gives up.
///
/// An echo is a panic that another report leads to: it completes that one, and stands alone only
/// where the wire lost the other. Any other panic has a cause of its own, also after a fault.
final class Panics {
  private static final String PANIC_LINE = "Kernel panic - not syncing";

  private Panics() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    rows.add(
        panic(
                "stack-corruption",
                "stack-protector: .*is corrupted in: (?<function>[A-Za-z0-9_.]+)\\+0x")
            .stack(Recipe.NAMED)
            .traits(PANIC, BARE_STACK)
            .source("kernel/panic.c")
            .title("kernel panic: stack is corrupted in {F}"));
    rows.add(
        panic("stack-corruption", "stack-protector:")
            .needs("Kernel stack is corrupted in: [0-9a-f]+")
            .stack(Recipe.TRACE)
            .neverBlame("stack_chk")
            .traits(PANIC)
            .source("kernel/panic.c")
            .title("kernel panic: stack is corrupted in {F}"));
    rows.add(
        panic("stack-corruption", "corrupted stack end")
            .stack(Recipe.TRACE)
            .neverBlame("schedule|retint_kernel")
            .choose(Choice.STALL)
            .alias("stack-overflow in {F}")
            .traits(PANIC)
            .source("kernel/sched/core.c")
            .title("kernel panic: corrupted stack end in {F}"));
    rows.add(
        panic("stack-overflow", "kernel stack overflow")
            .stack(Recipe.TRACE)
            .neverBlame("bad_stack")
            .choose(Choice.STALL)
            .alias("stack-overflow in {F}")
            .traits(PANIC, ECHO)
            .source("arch/arm64/kernel/traps.c")
            .title("kernel stack overflow in {F}"));
    rows.add(lost("Fatal exception", "kernel/panic.c"));
    rows.add(lost("panic_on_warn set", "kernel/panic.c"));
    rows.add(lost("hung_task: blocked tasks", "kernel/hung_task.c"));
    rows.add(echo("oom-panic", "Out of memory", "mm/oom_kill.c"));
    rows.add(echo("oom-panic", "System is deadlocked on memory", "mm/oom_kill.c"));
    rows.add(echo("panic", "softlockup: hung tasks", "kernel/watchdog.c"));
    rows.add(echo("panic", "RCU Stall", "kernel/rcu/tree_stall.h"));
    rows.add(echo("panic", "(?:Watchdog detected )?[Hh]ard LOCKUP", "kernel/watchdog.c"));
    rows.add(
        echo(
            "panic",
            "(?:Fatal (?:local )?[Mm]achine check|Machine check from unknown source|Timeout"
                + " synchronizing machine check)",
            "arch/x86/kernel/cpu/mce/core.c"));
    rows.add(
        echo(
            "panic",
            "Timeout: Not all CPUs entered broadcast exception handler",
            "arch/x86/kernel/cpu/mce/core.c"));
    rows.add(echo("panic", "Fatal hardware error!", "drivers/acpi/apei/ghes.c"));
    rows.add(echo("panic", "NMI: Not continuing", "arch/x86/kernel/nmi.c"));
    rows.add(echo("panic", "NMI IOCK error: Not continuing", "arch/x86/kernel/nmi.c"));
    rows.add(echo("panic", "Asynchronous SError Interrupt", "arch/arm64/kernel/traps.c"));
    // errors=panic of ext4 and others, fat, exfat, and panic_on_corruption of dm-verity
    rows.add(
        echo(
            "panic",
            "(?:panic (?:forced after|from previous) error|dm-verity device )",
            "fs/ext4/super.c"));
    rows.add(
        panic("panic", "Attempted to kill init!")
            .stack(Recipe.EXPECTED)
            .traits(PANIC, ECHO)
            .source("kernel/exit.c")
            .title("kernel panic: Attempted to kill init!"));
    rows.add(echo("panic", "Attempted to kill the idle task!", "kernel/exit.c"));
    rows.add(echo("panic", "Aiee, killing interrupt handler!", "kernel/exit.c"));
    rows.add(echo("panic", "Machine halted\\.", "arch/x86/kernel/traps.c"));
    rows.add(
        panic("panic", "Couldn't open N_TTY ldisc for")
            .stack(Recipe.EXPECTED)
            .traits(PANIC)
            .source("drivers/tty/tty_io.c")
            .title("kernel panic: Couldn't open N_TTY ldisc"));
    rows.add(
        row("panic", OOPS, CRITICAL)
            .says(PANIC_LINE)
            .like("(?<!end )" + PANIC_LINE + ": (.*)")
            .stack(Recipe.EXPECTED)
            .traits(PANIC)
            .source("kernel/panic.c")
            .title("kernel panic: {1}"));
    rows.add(
        row("panic", OOPS, CRITICAL)
            .says(PANIC_LINE)
            .like("(?<!end )" + PANIC_LINE + "(.*)")
            .stack(Recipe.OPTIONAL)
            .traits(PANIC)
            .source("kernel/panic.c")
            .title("kernel panic{1}"));
    rows.add(
        row("serror", HARDWARE, CRITICAL)
            .says("SError Interrupt on CPU")
            .like("SError Interrupt on CPU(?<cpu>[0-9]+)")
            .stack(Recipe.OPTIONAL)
            .source("arch/arm64/kernel/traps.c")
            .title("SError interrupt"));
    return rows;
  }

  private static Row.Builder panic(String kind, String cause) {
    return row(kind, OOPS, CRITICAL)
        .says(PANIC_LINE)
        .like("(?<!end )" + PANIC_LINE + ": .*?" + cause);
  }

  private static Row echo(String kind, String cause, String source) {
    return row(kind, OOPS, CRITICAL)
        .says(PANIC_LINE)
        .like("(?<!end )" + PANIC_LINE + ": (.*?" + cause + ".*)")
        .stack(Recipe.EXPECTED)
        .traits(PANIC, ECHO)
        .source(source)
        .title("kernel panic: {1}");
  }

  /// An echo whose own text says nothing of the fault.
  private static Row lost(String cause, String source) {
    return panic("panic", cause)
        .stack(Recipe.EXPECTED)
        .traits(PANIC, ECHO, ALWAYS_CORRUPTED)
        .source(source)
        .title("kernel panic: " + cause);
  }
}
