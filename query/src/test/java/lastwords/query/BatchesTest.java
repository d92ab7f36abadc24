package lastwords.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private record Item(int number, long bytes) {}

  private static final Batches.Items<Item, Integer> ITEMS =
      new Batches.Items<>(Item::number, Item::bytes, item -> Integer.toString(item.number));

  private int largestBatch;

  private List<Item> after(List<Item> all, @Nullable Integer number, int limit) {
    largestBatch = Math.max(largestBatch, limit);
    int from = number == null ? 0 : number + 1;
    return all.subList(from, Math.min(all.size(), from + limit));
  }

  @Test
  void pagesOfAnySizesAreTheWholeListInOrder() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      List<Item> all = new ArrayList<>();
      int count = random.nextInt(400);
      for (int i = 0; i < count; i++) {
        all.add(new Item(i, random.nextInt(10) == 0 ? random.nextInt(6 << 20) : 100));
      }
      int limit = 1 + random.nextInt(300);
      List<Item> found = new ArrayList<>();
      Integer after = null;
      while (true) {
        Page<Item> page =
            Batches.page(limit, after, (number, most) -> after(all, number, most), ITEMS);
        assertThat(page.items().size()).isLessThanOrEqualTo(limit);
        assertThat(page.items().stream().mapToLong(Item::bytes).sum())
            .satisfiesAnyOf(
                bytes -> assertThat(bytes).isLessThanOrEqualTo(Batches.MAX_BYTES),
                _ -> assertThat(page.items()).hasSize(1));
        found.addAll(page.items());
        if (page.next() == null) {
          break;
        }
        assertThat(page.items()).isNotEmpty();
        after = Integer.valueOf(page.next());
      }
      assertThat(found).isEqualTo(all);
    }
    assertThat(largestBatch).isLessThanOrEqualTo(Batches.MAX_BATCH);
  }
}
