package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SourceFilesTest {
  @Test
  void whatServesTheWholeKernelIsNotResponsible() {
    assertThat(
            guilty(
                "BUG: KASAN: slab-use-after-free in __list_add include/linux/list.h:64 [inline]",
                " dump_stack+0x1/0x2 lib/dump_stack.c:16",
                " kasan_report+0x1/0x2 mm/kasan/report.c:347",
                " _raw_spin_lock+0x1/0x2 kernel/locking/spinlock.c:151",
                " widget_open+0x1/0x2 drivers/misc/widget.c:66",
                " vfs_open+0x1/0x2 fs/open.c:900"))
        .isEqualTo("drivers/misc/widget.c");
  }

  @Test
  void aFolderFurtherDownIsNearerToTheFault() {
    assertThat(
            guilty(
                "kernel BUG at fs/inode.c:1!",
                " evict+0x1/0x2 fs/inode.c:2",
                " widgetfs_fill_super+0x1/0x2 fs/widgetfs/super.c:3",
                " mount+0x1/0x2 fs/super.c:4"))
        .isEqualTo("fs/widgetfs/super.c");
    assertThat(guilty("x", " a+0x1/0x2 net/packet/a.c:2", " b+0x1/0x2 net/packetry/deep/b.c:3"))
        .isEqualTo("net/packet/a.c");
  }

  @Test
  void locksHeldAndGuessesAreAside() {
    assertThat(
            guilty(
                "BUG: sleeping function called from invalid context",
                " #0: 0 (a){}-{0:0}, at: widget_lock+0x1/0x2 drivers/misc/lock.c:1",
                "hardirqs last  enabled at (1): [<0>] x+0x1/0x2 drivers/misc/irq.c:1",
                " ? stale+0x1/0x2 drivers/misc/stale.c:1",
                " widget_sleep+0x1/0x2 drivers/misc/sleep.c:1"))
        .isEqualTo("drivers/misc/sleep.c");
  }

  @Test
  void aStallIsToldFromTheTimerInterruptOn() {
    assertThat(
            SourceFiles.guilty(
                "rcu-stall",
                List.of(
                    "rcu: INFO: rcu_sched self-detected stall on CPU",
                    " nmi_cpu_backtrace+0x1/0x2 drivers/base/nmi.c:1",
                    " apic_timer_interrupt+0xf/0x20 arch/x86/entry/entry_64.S:806",
                    " widget_spin+0x1/0x2 drivers/misc/widget.c:1")))
        .isEqualTo("drivers/misc/widget.c");
  }

  @Test
  void whereAllIsInfrastructureTheFirstFileIsAllThereIs() {
    assertThat(guilty("PANIC", "RIP: 0010:do_trap+0x1/0x2 arch/x86/kernel/traps.c:1"))
        .isEqualTo("arch/x86/kernel/traps.c");
    assertThat(guilty("BUG: no file named", " f+0x1/0x2")).isNull();
  }

  @Test
  void aPathIsSeenFromTheTopOfTheTree() {
    assertThat(guilty(" f+0x1/0x2 arch/x86/kvm/../../../virt/kvm/eventfd.c:1"))
        .isEqualTo("virt/kvm/eventfd.c");
    assertThat(guilty(" f+0x1/0x2 /build/linux-6.1/drivers/net/ethernet/widget.c:1"))
        .isEqualTo("drivers/net/ethernet/widget.c");
    assertThat(guilty(" f+0x1/0x2 ./fs/open.c:1")).isEqualTo("fs/open.c");
  }

  private static @Nullable String guilty(String... lines) {
    return SourceFiles.guilty("bug-on", List.of(lines));
  }
}
