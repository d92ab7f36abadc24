package lastwords.detect;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The functions that are never at fault: they are on top of a stack because they report, check,
/// lock, copy or allocate for somebody.
///
/// A title must not change with what this list leaves out, so a name that is no use as a title has
/// to be here, and one that might be the fault's own must not: `deactivate_slab`,
/// `process_one_work` and `run_timer_softirq` are right answers, which is why so much is anchored.
final class Blameless {
  /// Functions with one reason to be left out.
  ///
  /// @param why the reason
  /// @param functions patterns, found anywhere in a name unless anchored
  /// @param any all of them
  record Family(String name, String why, List<String> functions, Pattern any) {
    Family(String name, String why, String... functions) {
      this(name, why, List.of(functions), Pattern.compile(String.join("|", functions)));
    }
  }

  static final List<Family> FAMILIES =
      List.of(
          new Family(
              "reporting",
              "prints the report, or brings the kernel down with it",
              "panic",
              "(?:dump|show|walk)_stack",
              "dump_backtrace",
              "__warn|warn_(?:slowpath|bogus|alloc)",
              "(?:report|fixup|imbalance|print_usage)_bug|print_unlock",
              "print_(?:report|address_description|tainted|hex_dump)|hex_dump_to_buffer",
              "assertfail|__fortify_report|^get_taint$",
              "arch_stack_walk|stack_trace_(?:save|consume_entry)"),
          new Family(
              "entry from the hardware",
              "is how the processor gets to the report, or out of a speculation",
              "invalid_op|do_error|do_trap|_trap$",
              "do_(?:mem_abort|(?:kernel|translation)_fault)|^el1_abort|el1h_64_sync",
              "program_check_(?:common|exception)",
              "_indirect_thunk_"),
          new Family(
              "sanitizers",
              "checks an access for somebody",
              "k[am]san|hwasan|__asan|__msan|__sanitizer|kcsan_setup_watchpoint",
              "check_(?:memory_region|heap_object|object)|read_word_at_a_time",
              "(?:read|write)_once_.*nocheck"),
          new Family(
              "locks",
              "waits for somebody who holds a lock, or checks how locks are used",
              "(?:spin|read|write)_(?:lock|trylock|unlock)|raw_spin_rq",
              "^(?:__)?mutex_|^rt_mutex_|^down$|down_(?:read|write|trylock)|up_(?:read|write)",
              "osq_(?:un)?lock|owner_on_cpu|^(?:un)?lock_page",
              "lock_(?:acquire|release|class)|mark_lock|(?:mark|reacquire)_held_locks|lockdep|seqprop_assert",
              "bh_(?:en|dis)able|trace_(?:hard|soft)irq"),
          new Family(
              "memory and strings",
              "copies what somebody hands it",
              "mem(?:chr|cmp|cpy|dup|move|set)",
              "str(?:n?cmp|[lns]?cpy|n?len|n?str|chr|n?dup)",
              "copy_(?:page_|folio_)?(?:to|from)_(?:user|iter)|^copy(?:in|out)$|extract_(?:user|iter)_to_sg",
              "(?:get|put)_user",
              "might_(?:fault|sleep|resched)"),
          new Family(
              "allocators",
              "allocates or frees for somebody",
              "[mzc]alloc|krealloc|kmem_cache|slab_|allocate_slab",
              "alloc_page|alloc_frozen_pages|folio_(?:alloc|unlock)",
              "^kv?free$|kfree_skb",
              "__phys_addr"),
          new Family(
              "page cache",
              "looks for a page for somebody",
              "filemap_(?:alloc|get)_folio|find_or_create_page|find_lock_entries|pagecache_get_page",
              "read_cache_page|do_read_cache_folio|grab_cache_page_write_begin",
              "truncate_inode_pages_range|mark_buffer_dirty"),
          new Family(
              "containers",
              "walks a structure that somebody has corrupted",
              "list_(?:add|del|move|replace|splice)|^klist_|^(?:__)?rb_",
              "xas_(?:find|load|start)|rhashtable_lookup|ida_free"),
          new Family(
              "counters",
              "counts for somebody, or waits to be the last who counts",
              "atomic(?:64)?_(?:add|sub|inc|dec|and|x?or|set|read|fetch|try|(?:cmp)?xchg)|(?:set|clear|change|test)_bit",
              "^(?:refcount|kref)_|ref_tracker|drop_nlink",
              "^iput(?:_final)?$|^ihold$|dput|^put_device$|cleanup_srcu_struct"),
          new Family(
              "printing",
              "formats what somebody handed it",
              "printk|k(?:v)?asprintf|sc?nprintf|va_format|^(?:\\w+_)?string|^(?:check_|default_|restricted_)?pointer",
              "dev_(?:emerg|alert|crit|err|warn|notice|info)"),
          new Family(
              "debugging and tracing",
              "looks after objects for somebody",
              "debug_object|(?:timer|work)_is_static_object|perf_trace"),
          new Family(
              "timers, work and waiting",
              "starts, stops or waits for what somebody set up",
              "(?:del|__mod)_timer|__timer_delete_sync|lock_timer_base|sk_stop_timer_sync",
              "(?:flush|insert|queue)_work|queue_delayed_work_on|__queue_delayed_work|__cancel_work_timer|cancel_work_sync|try_to_grab_pending",
              "(?:flush|drain|destroy)_workqueue|kthread_stop",
              "__wake_up|finish_wait|wait_for_completion|^complete$"),
          new Family(
              "device model",
              "registers and removes for a driver",
              "kobject_|add_uevent_var|sysfs_remove|devres_release_all|device_for_each_child",
              "device_(?:add|del|destroy|release|unregister|remove_file)|get_device_parent",
              "hwrng_unregister|__unregister_client|tty_unregister_device|i2c_del_adapter",
              "unregister_netdev|rollback_registered"),
          new Family(
              "usb core, checksums, device registers",
              "reads or writes for a driver",
              "usb_(?:hcd_)?submit_urb|usb_kill_(?:urb|anchored_urbs)|usb_control_msg|dummy_urb_enqueue",
              "^crc[0-9]|crc_itu_t",
              "(?:read|write)[bwlq]$|logic_(?:in|out)"));

  private static final Pattern ALL =
      Pattern.compile(
          String.join("|", FAMILIES.stream().flatMap(f -> f.functions().stream()).toList()));

  private Blameless() {}

  /// The family of a function, its compiler suffix removed; null where it may be blamed.
  static @Nullable String family(String function, @Nullable Pattern ofRow) {
    if (!contains(function, ofRow)) {
      return null;
    }
    for (Family family : FAMILIES) {
      if (family.any.matcher(function).find()) {
        return family.name;
      }
    }
    return "never the cause of this";
  }

  /// True where a function, its compiler suffix removed, is in a family or one of a row's own.
  static boolean contains(String function, @Nullable Pattern ofRow) {
    return ALL.matcher(function).find() || (ofRow != null && ofRow.matcher(function).find());
  }
}
