package lastwords.detect;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which source file a symbolized report is about: `fs/ext4/inode.c`.
///
/// The first file of the report that is no infrastructure, or one further down in a folder below
/// its own: the deeper folder is the driver or the filesystem, the upper one serves many.
final class SourceFiles {
  private static final Pattern FILE =
      Pattern.compile("(?<![A-Za-z0-9_./-])(?<file>[A-Za-z0-9_./-]{1,200}\\.(?:c|h|S|rs)):[0-9]");

  /// Lines that name places which are not where it happened: locks held, when interrupts were last
  /// switched, what registers point to, guesses.
  private static final Pattern ASIDE =
      Pattern.compile(
          "^\\s*#[0-9]+: |(?:hard|soft)irqs last |^Register r[0-9]+ information|^\\s*(?:\\[<[0-9a-f]+>\\] )?\\? |\\(unreliable\\)");

  /// Where an interrupted stack begins.
  private static final Pattern TIMER =
      Pattern.compile(
          "^\\s*(?:asm_sysvec_apic_timer_interrupt|apic_timer_interrupt|el1h?_(?:64_)?irq|__irq_svc)\\+");

  /// What serves all of the kernel, so that it shows up in everybody's stacks.
  private static final Pattern INFRASTRUCTURE =
      Pattern.compile(
          String.join(
              "|",
              "\\.[hS]$",
              "^(?:lib|virt/lib|tools|trusty)/",
              "^rust/(?:core|helpers)",
              // sanitizers and the allocators and fault paths they watch
              "^mm/(?:kasan|kmsan|kfence)/",
              "^mm/(?:slab|slub|slob|slab_common|percpu|percpu-\\w+|vmalloc|page_alloc|mempool|mempolicy|util|memory|usercopy|maccess|filemap|folio-compat|kmemleak|debug\\w*|page_owner|show_mem)\\.c$",
              // locks, time, scheduling, deferred work
              "^kernel/(?:rcu|locking|sched|time|printk|kcsan|entry)/",
              "^kernel/(?:panic|softirq|kthread|workqueue|fork|kcov|smp|watchdog\\w*|hung_task|stacktrace|notifier|task_work)\\.c$",
              // how an architecture enters the kernel, faults and walks stacks
              "^arch/[a-z0-9]+/kernel/(?:traps|stacktrace|process|unwind\\w*|entry[a-z0-9_-]*|hw_nmi|irq|smp)\\.c$",
              "^arch/[a-z0-9]+/kernel/apic/",
              "^arch/[a-z0-9]+/entry/",
              "^arch/[a-z0-9]+/mm/(?:fault|physaddr|extable)\\.c$",
              // the cores of large subsystems
              "^net/core/(?:dev|sock|skbuff)\\.c$",
              "^drivers/usb/core/urb\\.c$",
              "^fs/proc/generic\\.c$"));

  /// The top of the kernel's tree.
  private static final Set<String> TOP =
      Set.of(
          "arch",
          "block",
          "certs",
          "crypto",
          "drivers",
          "fs",
          "init",
          "include",
          "io_uring",
          "ipc",
          "kernel",
          "lib",
          "mm",
          "net",
          "rust",
          "samples",
          "security",
          "sound",
          "virt");

  private SourceFiles() {}

  /// The file held responsible; null where the report names none.
  ///
  /// @param lines of the report, headline first, none endless
  static @Nullable String guilty(String kind, List<String> lines) {
    if (kind.equals("rcu-stall")) {
      for (int i = 1; i < lines.size(); i++) {
        if (TIMER.matcher(lines.get(i)).find()) {
          String file = choose(files(lines.subList(i, lines.size())));
          if (file != null) {
            return file;
          }
        }
      }
    }
    List<String> files = files(lines);
    String file = choose(files);
    return file != null || files.isEmpty() ? file : files.getFirst();
  }

  private static @Nullable String choose(List<String> files) {
    String guilty = null;
    for (String file : files) {
      if (INFRASTRUCTURE.matcher(file).find()) {
        continue;
      }
      if (guilty == null || folder(file).startsWith(folder(guilty) + "/")) {
        guilty = file;
      }
    }
    return guilty;
  }

  private static String folder(String file) {
    int end = file.lastIndexOf('/');
    return end < 0 ? file : file.substring(0, end);
  }

  private static List<String> files(List<String> lines) {
    List<String> files = new ArrayList<>();
    for (String line : lines) {
      if (!mayNameFile(line) || ASIDE.matcher(line).find()) {
        continue;
      }
      Matcher file = FILE.matcher(line);
      while (file.find()) {
        files.add(inTree(file.group("file")));
      }
    }
    return files;
  }

  /// Few lines do, and a pattern that looks for it begins anew at each character.
  private static boolean mayNameFile(String line) {
    return line.contains(".c:")
        || line.contains(".h:")
        || line.contains(".S:")
        || line.contains(".rs:");
  }

  /// As seen from the top of the kernel's tree, wherever that was built.
  private static String inTree(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    List<String> all = List.copyOf(parts);
    return path.startsWith("/")
        ? String.join("/", all.subList(top(all), all.size()))
        : String.join("/", all);
  }

  /// Where in an absolute path the tree begins: at a folder of it below one named for a kernel's
  /// sources, else at the first that might be one.
  private static int top(List<String> parts) {
    int first = -1;
    for (int i = 0; i < parts.size() - 1; i++) {
      if (!TOP.contains(parts.get(i))) {
        continue;
      }
      if (i > 0 && parts.get(i - 1).matches("(?:linux|kernel|src|source|common).*")) {
        return i;
      }
      first = first < 0 ? i : first;
    }
    return Math.max(first, 0);
  }
}
