package lastwords.detect;

import static lastwords.detect.Row.Trait.ALWAYS_CORRUPTED;
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
        panic("stack-corruption", "stack-protector:")
            .stack(Recipe.TRACE)
            .alias("stack-overflow in {F}")
            .traits(PANIC)
            .title("kernel panic: stack is corrupted in {F}"));
    rows.add(
        panic("stack-corruption", "corrupted stack end")
            .stack(Recipe.TRACE)
            .choose(Choice.STALL)
            .alias("stack-overflow in {F}")
            .traits(PANIC)
            .title("kernel panic: corrupted stack end in {F}"));
    rows.add(
        panic("stack-overflow", "kernel stack overflow")
            .stack(Recipe.TRACE)
            .choose(Choice.STALL)
            .alias("stack-overflow in {F}")
            .traits(PANIC, ECHO)
            .title("kernel panic: kernel stack overflow in {F}"));
    rows.add(lost("panic", "Fatal exception in interrupt"));
    rows.add(lost("panic", "Fatal exception"));
    rows.add(lost("panic", "panic_on_warn set"));
    rows.add(lost("panic", "hung_task: blocked tasks"));
    rows.add(echo("oom-panic", "Out of memory"));
    rows.add(echo("oom-panic", "System is deadlocked on memory"));
    rows.add(echo("panic", "softlockup: hung tasks"));
    rows.add(echo("panic", "RCU Stall"));
    rows.add(echo("panic", "(?:Watchdog detected )?[Hh]ard LOCKUP"));
    rows.add(echo("panic", "Fatal machine check"));
    rows.add(echo("panic", "Timeout: Not all CPUs entered broadcast exception handler"));
    rows.add(echo("panic", "Fatal hardware error!"));
    rows.add(echo("panic", "NMI: Not continuing"));
    rows.add(echo("panic", "NMI IOCK error: Not continuing"));
    rows.add(echo("panic", "Asynchronous SError Interrupt"));
    rows.add(echo("panic", "Attempted to kill init!", "Attempted to kill init!"));
    rows.add(echo("panic", "Attempted to kill the idle task!"));
    rows.add(echo("panic", "Aiee, killing interrupt handler!"));
    rows.add(echo("panic", "Machine halted\\."));
    rows.add(
        row("panic", OOPS, CRITICAL)
            .says(PANIC_LINE)
            .like("(?<!end )" + PANIC_LINE + ": (.*)")
            .stack(Recipe.OPTIONAL)
            .traits(PANIC)
            .title("kernel panic: {1}"));
    rows.add(
        row("panic", OOPS, CRITICAL)
            .says(PANIC_LINE)
            .like("(?<!end )" + PANIC_LINE + "(.*)")
            .stack(Recipe.OPTIONAL)
            .traits(PANIC)
            .title("kernel panic{1}"));
    rows.add(
        row("serror", HARDWARE, CRITICAL)
            .says("SError Interrupt on CPU")
            .like("SError Interrupt on CPU(?<cpu>[0-9]+)")
            .stack(Recipe.OPTIONAL)
            .title("SError interrupt"));
    return rows;
  }

  private static Row.Builder panic(String kind, String cause) {
    return row(kind, OOPS, CRITICAL)
        .says(PANIC_LINE)
        .like("(?<!end )" + PANIC_LINE + ": .*?(" + cause + ".*)");
  }

  private static Row echo(String kind, String cause) {
    return echo(kind, cause, "{1}");
  }

  private static Row echo(String kind, String cause, String title) {
    return panic(kind, cause)
        .stack(Recipe.OPTIONAL)
        .traits(PANIC, ECHO)
        .title("kernel panic: " + title);
  }

  /// An echo whose own text says nothing of the fault.
  private static Row lost(String kind, String cause) {
    return panic(kind, cause)
        .stack(Recipe.OPTIONAL)
        .traits(PANIC, ECHO, ALWAYS_CORRUPTED)
        .title("kernel panic: " + cause);
  }
}
