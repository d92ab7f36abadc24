package lastwords.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PriorityTest {
  @Test
  void aThreadThatMayLagBehindGoesAfterThoseThatMayNot() throws InterruptedException {
    List<Integer> nice = new ArrayList<>();
    int before = Priority.now();
    for (Priority priority : Priority.values()) {
      Thread thread = Thread.ofPlatform().start(priority.of(() -> nice.add(Priority.now())));
      thread.join();
    }

    assertThat(nice).containsExactly(before, before + 1, before + 5, before + 10, before + 10);
    assertThat(Priority.now()).as("of this thread").isEqualTo(before);
  }
}
