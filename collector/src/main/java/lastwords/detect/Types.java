package lastwords.detect;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The type that syzkaller gives a crash, by how its title begins.
final class Types {
  /// What titles of one type begin with.
  private record Rule(@Nullable String type, List<String> begins) {
    Rule(@Nullable String type, String... begins) {
      this(type, List.of(begins));
    }
  }

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "NULL-POINTER-DEREFERENCE",
              "BUG: unable to handle kernel NULL pointer dereference in"),
          new Rule(
              "MEMORY_SAFETY_BUG",
              "BUG: unable to handle kernel paging request",
              "BUG: corrupted list"),
          new Rule("REFCOUNT_WARNING", "WARNING: refcount bug"),
          new Rule("MEMORY_SAFETY_UBSAN", "UBSAN: array-index-out-of-bounds"),
          new Rule("UBSAN", "UBSAN:"),
          new Rule(
              "LOCKDEP",
              "possible deadlock in",
              "inconsistent lock state in",
              "BUG: spinlock",
              "BUG: rwlock",
              "BUG: using",
              "BUG: bad unlock balance in",
              "BUG: held lock freed in",
              "BUG: still has locks held in",
              "WARNING: bad unlock balance in",
              "WARNING: held lock freed in",
              "WARNING: still has locks held in",
              "WARNING: nested lock was not taken in",
              "WARNING: lock held",
              "WARNING: locking bug in",
              "WARNING: suspicious RCU usage in"),
          new Rule(
              "ATOMIC_SLEEP",
              "BUG: scheduling while atomic in",
              "BUG: sleeping function called from invalid context in"),
          new Rule("LEAK", "memory leak in"),
          new Rule("BUG", "kernel BUG", "BUG: bad usercopy in"),
          new Rule(
              null,
              "WARNING: corrupted",
              "WARNING: kernel stack frame pointer has bad value",
              "WARNING: kernel stack regs has bad"),
          new Rule("WARNING", "WARNING in", "WARNING:"),
          new Rule(
              "HANG",
              "BUG: soft lockup in",
              "BUG: hard lockup in",
              "INFO: rcu detected stall in",
              "INFO: task hung in",
              "INFO: task can't die in"),
          new Rule(
              "DoS",
              "general protection fault in",
              "kernel panic:",
              "kernel stack overflow",
              "divide error in",
              "PANIC: double fault",
              "double fault in",
              "invalid opcode in",
              "int3 in",
              "stack segment fault in",
              "Internal error in",
              "Unhandled fault in",
              "Alignment trap in",
              "BUG: Object already free",
              "unregister_netdevice: waiting for DEV",
              "VFS: Busy inodes after unmount (use-after-free)",
              "VFS: Close: file count is zero (use-after-free)"),
          new Rule("REBOOT", "unexpected kernel reboot"));

  private static final Pattern SANITIZER =
      Pattern.compile(
          "^(KASAN|KFENCE|KMSAN|KCSAN): ([a-z-]+:?)(?: (race in|free|corruption|read|write|Read|Write))?");

  private static final Set<String> BAD_ACCESSES =
      Set.of(
          "global-out-of-bounds",
          "out-of-bounds",
          "slab-out-of-bounds",
          "stack-out-of-bounds",
          "vmalloc-out-of-bounds",
          "user-memory-access",
          "wild-memory-access");

  private Types() {}

  /// Null where none fits.
  static @Nullable String of(String title) {
    Matcher sanitizer = SANITIZER.matcher(title);
    if (sanitizer.find()) {
      String what = sanitizer.group(2);
      String how = sanitizer.group(3) == null ? "" : sanitizer.group(3);
      return switch (sanitizer.group(1)) {
        case "KASAN" -> kasan(what, how);
        case "KFENCE" -> kfence(what, how);
        case "KMSAN" -> kmsan(what);
        default -> kcsan(what, how);
      };
    }
    for (Rule rule : RULES) {
      if (rule.begins.stream().anyMatch(title::startsWith)) {
        return rule.type;
      }
    }
    return null;
  }

  /// Where a title doesn't say whether memory was read or written, it was read at least.
  private static String kasan(String what, String how) {
    boolean write = how.equals("Write");
    String access = write ? "WRITE" : "READ";
    if (what.equals("use-after-free") || (what.equals("slab-use-after-free") && !how.isEmpty())) {
      return "KASAN-USE-AFTER-FREE-" + access;
    }
    if (what.equals("null-ptr-deref") && !how.isEmpty()) {
      return "KASAN-NULL-POINTER-DEREFERENCE-" + access;
    }
    if (what.equals("invalid-free") || what.equals("double-free")) {
      return "KASAN-INVALID-FREE";
    }
    boolean known =
        BAD_ACCESSES.contains(what)
            || (!write && (what.equals("invalid-access") || what.equals("unknown-crash")));
    return known ? "KASAN-" + access : "KASAN-UNKNOWN";
  }

  private static String kfence(String what, String how) {
    boolean write = how.equals("write");
    return switch (what) {
      case "use-after-free" -> "KFENCE-USE-AFTER-FREE-" + (write ? "WRITE" : "READ");
      case "out-of-bounds" -> write ? "KFENCE-WRITE" : "KFENCE-READ";
      case "memory" -> "KFENCE-MEMORY-CORRUPTION";
      case "invalid" ->
          how.equals("free") ? "KFENCE-INVALID-FREE" : write ? "KFENCE-WRITE" : "KFENCE-READ";
      default -> "KFENCE-UNKNOWN";
    };
  }

  private static String kmsan(String what) {
    return switch (what) {
      case "uninit-value" -> "KMSAN-UNINIT-VALUE";
      case "kernel-infoleak", "kernel-usb-infoleak" -> "KMSAN-INFO-LEAK";
      case "use-after-free", "kernel-infoleak-after-free", "kernel-usb-infoleak-after-free" ->
          "KMSAN-USE-AFTER-FREE-READ";
      default -> "KMSAN-UNKNOWN";
    };
  }

  private static String kcsan(String what, String how) {
    if (what.equals("assert:") && how.equals("race in")) {
      return "KCSAN-ASSERT";
    }
    return what.equals("data-race") ? "KCSAN-DATARACE" : "KCSAN-UNKNOWN";
  }
}
