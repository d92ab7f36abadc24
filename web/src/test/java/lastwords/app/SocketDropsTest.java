package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import lastwords.api.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SocketDropsTest {
  private final SocketDrops drops = new SocketDrops();

  @Test
  void whatWasDroppedIsSaidOnce() {
    assertThat(since(0, 0)).isNull();
    assertThat(since(7, 3)).startsWith("10 datagrams are lost").contains("receive-buffer");
    assertThat(since(7, 3)).isNull();
    assertThat(since(7, 4)).startsWith("1 datagrams are lost");
  }

  @Test
  void whatNobodyKnowsIsNoLoss() {
    assertThat(since(5, 0)).startsWith("5 datagrams");
    assertThat(since(-1, -1)).isNull();
    assertThat(since(5, 0)).isNull();
  }

  private @Nullable String since(long first, long second) {
    return drops.since(
        List.of(
            new Status.Socket("[::]:6666/0", first, 0, 0),
            new Status.Socket("[::]:6666/1", second, 0, 0)));
  }
}
