package lastwords.detect;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The type that syzkaller gives a crash, by how its title begins.
final class Types {
  private record Rule(String begins, @Nullable String type) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "BUG: unable to handle kernel NULL pointer dereference", "NULL-POINTER-DEREFERENCE"),
          new Rule("BUG: unable to handle kernel paging request", "MEMORY_SAFETY_BUG"),
          new Rule("BUG: corrupted list", "MEMORY_SAFETY_BUG"),
          new Rule("BUG: unable to handle kernel access to user memory", "MEMORY_SAFETY_BUG"),
          new Rule("WARNING: refcount bug", "REFCOUNT_WARNING"),
          new Rule("UBSAN: array-index", "MEMORY_SAFETY_UBSAN"),
          new Rule("UBSAN", "UBSAN"),
          new Rule("possible deadlock", "LOCKDEP"),
          new Rule("inconsistent lock state", "LOCKDEP"),
          new Rule("WARNING: bad unlock balance", "LOCKDEP"),
          new Rule("BUG: bad unlock balance", "LOCKDEP"),
          new Rule("WARNING: held lock freed", "LOCKDEP"),
          new Rule("BUG: held lock freed", "LOCKDEP"),
          new Rule("BUG: using ", "LOCKDEP"),
          new Rule("BUG: spinlock", "LOCKDEP"),
          new Rule("BUG: rwlock", "LOCKDEP"),
          new Rule("WARNING: locking bug", "LOCKDEP"),
          new Rule("WARNING: suspicious RCU usage", "LOCKDEP"),
          new Rule("WARNING: still has locks held", "LOCKDEP"),
          new Rule("WARNING: Nested lock", "LOCKDEP"),
          new Rule("WARNING: lock held when", "LOCKDEP"),
          new Rule("BUG: still has locks held", "LOCKDEP"),
          new Rule("BUG: scheduling while atomic", "ATOMIC_SLEEP"),
          new Rule("BUG: sleeping function", "ATOMIC_SLEEP"),
          new Rule("BUG: workqueue leaked", "ATOMIC_SLEEP"),
          new Rule("memory leak", "LEAK"),
          new Rule("kernel BUG", "BUG"),
          new Rule("BUG: bad usercopy", "BUG"),
          new Rule("WARNING: bad usercopy", "WARNING"),
          new Rule("WARNING", "WARNING"),
          new Rule("BUG: soft lockup", "HANG"),
          new Rule("BUG: hard lockup", "HANG"),
          new Rule("INFO: rcu detected stall", "HANG"),
          new Rule("INFO: task hung", "HANG"),
          new Rule("INFO: task can't die", "HANG"),
          new Rule("general protection fault", "DoS"),
          new Rule("kernel panic", "DoS"),
          new Rule("divide error", "DoS"),
          new Rule("PANIC: double fault", "DoS"),
          new Rule("Internal error", "DoS"),
          new Rule("Unhandled fault", "DoS"),
          new Rule("Alignment trap", "DoS"),
          new Rule("invalid opcode", "DoS"),
          new Rule("stack segment", "DoS"),
          new Rule("unregister_netdevice", "DoS"),
          new Rule("VFS:", "DoS"),
          new Rule("unexpected kernel reboot", "REBOOT"));

  private Types() {}

  /// Null where none fits.
  static @Nullable String of(String title) {
    if (title.startsWith("K") && title.contains(": ")) {
      return sanitizer(title);
    }
    for (Rule rule : RULES) {
      if (title.startsWith(rule.begins)) {
        return rule.type;
      }
    }
    return null;
  }

  private static @Nullable String sanitizer(String title) {
    String tool = title.substring(0, title.indexOf(": "));
    String what = title.substring(tool.length() + 2);
    String access = what.toLowerCase(Locale.ROOT).contains(" write") ? "WRITE" : "READ";
    return switch (tool) {
      case "KASAN", "KFENCE" ->
          tool
              + (what.contains("use-after-free")
                  ? "-USE-AFTER-FREE-" + access
                  : what.contains("null-ptr-deref")
                      ? "-NULL-POINTER-DEREFERENCE-" + access
                      : what.contains("invalid-free") || what.contains("invalid free")
                          ? "-INVALID-FREE"
                          : what.contains("memory corruption")
                              ? "-MEMORY-CORRUPTION"
                              : "-" + access);
      case "KMSAN" -> what.contains("infoleak") ? "KMSAN-INFO-LEAK" : "KMSAN-UNINIT-VALUE";
      case "KCSAN" -> what.startsWith("assert") ? "KCSAN-ASSERT" : "KCSAN-DATARACE";
      default -> null;
    };
  }
}
