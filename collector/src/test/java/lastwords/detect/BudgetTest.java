package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import org.junit.jupiter.api.Test;

/// Many hosts that all report at once.
class BudgetTest {
  private static final int HOSTS = 200;
  private static final long BYTES = 1 << 20;

  private final Budget budget = new Budget(BYTES);
  private final Counters counters = new Counters();
  private final List<Crash> told = new ArrayList<>();
  private final List<Detector> hosts = new ArrayList<>();
  private long offset;

  @Test
  void whereAllHostsTogetherHaveTooMuchOpenTheOldestReportsAreCompletedEarly() {
    open();
    for (int i = 0; i < 300; i++) {
      for (Detector host : hosts) {
        say(host, " frame_of_a_long_stack_" + i + "+0x18/0x30");
        assertThat(budget.bytes()).isLessThanOrEqualTo(BYTES);
      }
    }
    long cut = counters.reportsCutShort().sum();
    assertThat(cut).isBetween(1L, HOSTS - 1L);
    assertThat(told).hasSize((int) cut).allMatch(Crash::complete);
    assertThat(told.getFirst().id()).isEqualTo("c0");
    hosts.forEach(Detector::end);
    assertThat(told).hasSize(HOSTS);
  }

  @Test
  void whatIsForgottenCostsNothing() {
    open();
    assertThat(budget.bytes()).isPositive();
    hosts.forEach(Detector::end);
    assertThat(budget.bytes()).isPositive();
    for (Detector host : hosts) {
      host.accept(new lastwords.kernel.Boot("b2", "h", "192.0.2.1", offset, 1, null, -1));
    }
    assertThat(budget.bytes()).isZero();
    assertThat(counters.reportsCutShort().sum()).isZero();
  }

  private void open() {
    for (int i = 0; i < HOSTS; i++) {
      Detector host = new Detector(told::add, counters, budget);
      hosts.add(host);
      say(host, "BUG: kernel NULL pointer dereference, address: 0000000000000000");
      say(host, "Call Trace:");
    }
  }

  private void say(Detector host, String text) {
    host.accept(
        new KernelMessage(
            Position.of(offset++, 0),
            1_000_000,
            "h",
            "192.0.2.1",
            "b1",
            0,
            4,
            offset,
            1_000_000,
            "T1",
            -1,
            null,
            null,
            text,
            Map.of(),
            Map.of()));
  }
}
