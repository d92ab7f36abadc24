package lastwords.detect;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The functions that are never at fault: they are on top of a stack because they report, check,
/// lock, copy or allocate for somebody.
final class Blameless {
  /// Functions with one reason to be left out.
  private record Family(String name, String functions, Pattern compiled) {
    Family(String name, String functions) {
      this(name, functions, Pattern.compile(functions));
    }
  }

  private static final List<Family> FAMILIES =
      List.of(
          new Family(
              "reporting",
              "^__dump_stack|dump_stack|show_stack|show_regs|dump_backtrace|show_trace|^print_report|print_address_description|print_memory_metadata"
                  + "|^panic$|^vpanic$|^nmi_panic|warn_slowpath|^__warn|^warn_bogus|report_bug|fixup_bug|invalid_op|^do_error_trap|^do_trap|^handle_bug"
                  + "|^exc_|^asm_exc_|_trap$|^(?:nmi_)?trap_|assertfail|hex_dump|^die$|^die_|^oops_|^__die|^do_oops|^bug_handler|^brk_handler|^do_debug_exception"
                  + "|^should_fail|^fail_dump|^report_ubsan|^ubsan|^__ubsan|^end_report|^kernel_init_pages|^__fortify|^fortify_panic|print_tainted|check_panic_on_warn|^__?[a-z0-9]+_panic$"),
          new Family(
              "locks",
              "spin_(?:lock|trylock|unlock)|(?:read|write)_(?:lock|trylock|unlock)|mutex_(?:lock|trylock|unlock|remove|spin|optim)|mutex_lock|^__mutex|rt_mutex|rwsem_|^down$|^down_|^__down|^up_(?:read|write)"
                  + "|^osq_|spin_bug|spin_dump|rwlock_bug|lock_acquire|lock_release|lock_class|lockdep|register_lock|mark_lock|mark_usage|mark_held|^__lock_|validate_chain|check_prev|check_noncircular|check_deadlock|check_irq|check_usage"
                  + "|print_(?:circular|deadlock|usage|irq|bad|unlock|lock)|find_lock_|held_lock|local_bh_(?:en|dis)able|bh_(?:en|dis)able|^trace_(?:hard|soft)?irqs?_|^_*(?:raw_)?local_irq|trace_hardirqs|trace_softirqs|queued_(?:spin|read|write)"
                  + "|rcu_lockdep|look_up_lock|assign_lock|reacquire_held|down_read|down_write|lock_sock|release_sock|rq_lock|raw_spin_rq|^queue_read_lock|percpu_(?:down|up)_|sema_|^schedule_bug|^__schedule_bug"),
          new Family(
              "sanitizers",
              "kasan|kmsan|kcsan|hwasan|asan_|msan_|tsan_|sanitizer|check_memory_region|memory_is_poisoned|check_region_inline|^check_object|check_heap_object|check_object_size|usercopy|read_word_at_a_time|kfence|^instrument_|kmemcheck|^check_bytes"),
          new Family(
              "memory and strings",
              "^_*(?:arch_|arm_|arm64_|hw_)?mem(?:cpy|move|cmp|set|chr|dup|scan)|^_*v?mem(?:cpy|dup|set)|^_*(?:k?str(?:n|l|s|r)?(?:case)?(?:cpy|cat|cmp|len|chr|str|dup|sep|spn|pbrk|scpy|cspn))|sized_str|^k?mem(?:dup|chr)"
                  + "|copy_(?:to|from|in)_(?:user|iter)|copy_page|^_*(?:raw_)?copy_|copy_user|(?:get|put)_user|might_(?:fault|sleep|resched|alloc)|___might|^clear_user|csum_|iov_iter|^copyin|^copyout|copy_mc"),
          new Family(
              "allocators and page cache",
              "^_*k[mzcr]*(?:m|z|c)alloc|k(?:m|z|v|re)*alloc|[vk]zalloc|vmalloc|kvmalloc|krealloc|kmem_cache|^_*slab_|alloc_pages|alloc_page|alloc_frozen_pages|folio_(?:alloc|unlock|lock|wait|mark|add|end|put)|filemap_(?:alloc|get|add)"
                  + "|find_get_|grab_cache|pagecache_get|read_(?:cache_page|mapping)|k[vz]?free|^vfree|^_*vunmap|kfree_skb|skb_(?:release|free)|lock_page|^slob_|^cache_free|^___?cache|^__free|free_debug|discard_slab|get_freelist|^new_slab|allocate_slab|^alloc_slab|dup_task|devm_k"
                  + "|page_frag|^__do_kmalloc|object_err|slab_err|free_to_partial|^do_slab_free|mempool_|put_page|^free_page|free_unref|memalloc|percpu_alloc|pcpu_alloc|page_alloc|get_page_from"),
          new Family(
              "containers",
              "list_(?:add|del|move|replace|empty|lru|splice|cut)|list_debug|rb_(?:insert|erase|first|last|next|prev|augment|replace)|^__rb_|klist_|rhashtable_lookup|rht_|xas_|xa_|ida_|idr_|radix_tree_(?:insert|lookup|delete)|hlist|llist|plist|timerqueue|mas_|mt_"),
          new Family(
              "device model",
              "kobject_|kset_|device_(?:create_file|remove_file|add|del|register|unregister|release|create|destroy|private|shutdown|link)|sysfs_|^put_device|get_device|devres_|unregister_netdev|device_for_each_child|i2c_.*(?:del|register)|__unregister_client|__process_removed|tty_.*unregister|driver_register|uevent"),
          new Family(
              "debug objects and tracing",
              "debug_object|debug_check_no|debug_print_object|_is_static_object|debug_deactivate|debug_timer|debug_hrtimer|debug_rcu|perf_trace|^trace_|ref_tracker|tracepoint|stack_trace_|stack_depot|save_stack|set_track|arch_stack_walk|unwind|walk_stackframe|save_trace|profile_hit"),
          new Family(
              "timers and work",
              "^_*(?:del|mod|add)_timer|try_to_del_timer|timer_delete|^__timer|timer_shutdown|lock_timer_base|(?:flush|cancel|queue|insert)_(?:delayed_|__)?work|flush_workqueue|drain_workqueue|destroy_workqueue|^__(?:flush|cancel|queue)_|wait_for_completion|wait_for_common|^complete(?:_all|$)|__wake_up|wake_up(?:$|_common|_locked|_bit|_interruptible|_poll|_q|_process|_sync|_klogd)|autoremove_wake|finish_wait|prepare_to_wait|kthread_stop|sk_stop_timer|hrtimer_(?:cancel|try|start|active|forward)|enqueue_hrtimer|calc_timer|init_timer|^insert_work|swake_|schedule_timeout"),
          new Family(
              "vfs references",
              "^iput|^ihold|^dput|^dget|drop_nlink|^clear_nlink|^inc_nlink|set_nlink|mark_buffer_dirty|truncate_inode_pages|^igrab|^fput|^d_(?:walk|lookup)|^__d_lookup|mnt_(?:drop|want)|^__brelse|^__bread|sb_(?:start|end)"),
          new Family(
              "atomics and references",
              "^_*atomic|atomic64_|_bit$|_bit_(?:lock|unlock)|^_*(?:test|set|clear|change|find)_.*bit|refcount|kref_|^cmpxchg|^arch_(?:atomic|test|set|clear)|^constant_test|^variable_test|^xchg|percpu_ref|^__refcount|seqcount|static_key|jump_label|^static_branch"),
          new Family(
              "printing",
              "^_*v?printk|printf$|^vs?n?printf|printk|va_format|^string$|^string_|^pointer$|^dev_(?:err|warn|info|printk)|^_dev_|dynamic_dev|__dynamic|^vprintk|^number$|^hex_string|^address_val|^format_decode"),
          new Family(
              "entry from the hardware",
              "^do_mem_abort|^do_translation_fault|^do_page_fault|^do_DataAbort|^do_PrefetchAbort|^el1_|^el1h|^__do_kernel_fault|^do_kernel|^do_bad_area|^do_sp_pc|^do_alignment|program_check|^do_undefinstr|^page_fault|indirect_thunk|__phys_addr|virt_to_|^error_entry|^no_context|^mm_fault|^do_user_addr|^sync_regs|^ret_from_exception|^handle_exception|^retbleed|^srso|^entry_untrain|^call_(?:write|read)|^__x86_return|^page_fault_oops|^spurious"),
          new Family(
              "usb core, checksums, device registers",
              "^usb_(?:submit|kill|poison|start_wait|bulk|interrupt|control)_?(?:urb|msg|wait)|usb_control_msg|usb_kill_anchored|delay_tsc|^__?u?delay|^__const_udelay|^__loop_delay|^__timer_delay|^crc|_crc|crc32|^_*(?:raw_)?(?:read|write)[bwlq]$|^logic_(?:in|out)|^in[bwl]$|^out[bwl]$|^ioread|^iowrite|^(?:flush_tlb|tlb_flush)"),
          new Family(
              "checks of conditions",
              "preempt_count|^__might|^check_preemption|debug_smp_processor|^check_stack|^__stack_chk|stack_chk_fail|^rcu_note"));

  private static final Pattern ALL =
      Pattern.compile(String.join("|", FAMILIES.stream().map(Family::functions).toList()));

  private Blameless() {}

  /// The family of a function, its compiler suffix removed; null where it may be blamed.
  static @Nullable String family(String function, @Nullable Pattern ofRow) {
    if (!contains(function, ofRow)) {
      return null;
    }
    for (Family family : FAMILIES) {
      if (family.compiled.matcher(function).find()) {
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
