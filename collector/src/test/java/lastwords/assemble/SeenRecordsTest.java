package lastwords.assemble;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeenRecordsTest {
  private final SeenRecords seen = new SeenRecords();

  @Test
  void remembersTheLastRecordsInWhateverOrderTheyCame() {
    Random random = new Random(1);
    Map<Long, Long> put = new HashMap<>();
    long highest = -1;
    for (int i = 0; i < 20_000; i++) {
      long number = Math.max(0, 5_000 + i + random.nextInt(300) - 150);
      long identity = SeenRecords.identity(i, "text " + i);
      seen.put(number, identity);
      put.put(number, identity);
      highest = Math.max(highest, number);
    }

    for (long number = highest - SeenRecords.MAX_RECORDS + 1; number <= highest + 10; number++) {
      assertThat(seen.get(number)).isEqualTo(put.getOrDefault(number, SeenRecords.NONE));
    }
    assertThat(seen.get(highest - SeenRecords.MAX_RECORDS)).isEqualTo(SeenRecords.NONE);
  }

  @Test
  void roomGrowsWithWhatIsSaidNotWithItsNumber() throws IOException {
    seen.put(1L << 40, SeenRecords.identity(1, "a"));

    assertThat(saved(seen)).hasSizeLessThan(400);
  }

  @Test
  void earlierNumbersThatComeLaterAreRememberedToo() {
    seen.put(400, SeenRecords.identity(1, "live"));
    for (int i = 0; i < 400; i++) {
      seen.put(i, SeenRecords.identity(i, "ring"));
    }

    for (int i = 0; i < 400; i++) {
      assertThat(seen.get(i)).isEqualTo(SeenRecords.identity(i, "ring"));
    }
    assertThat(seen.get(400)).isEqualTo(SeenRecords.identity(1, "live"));
  }

  @Test
  void whatWasSavedIsKnownAfterwards() throws IOException {
    for (int i = 0; i < 3_000; i++) {
      seen.put(i, SeenRecords.identity(i, "text " + i));
    }
    SeenRecords loaded = new SeenRecords();
    loaded.load(new DataInputStream(new ByteArrayInputStream(saved(seen))));

    for (int i = -1; i < 3_010; i++) {
      assertThat(loaded.get(i)).isEqualTo(seen.get(i));
    }
  }

  @Test
  void timeAndFirstLineMakeARecordKnown() {
    seen.put(0, SeenRecords.identity(7, "first\nsecond"));

    assertThat(seen.contains(SeenRecords.identity(7, "first"), true)).isTrue();
    assertThat(seen.contains(SeenRecords.identity(8, "first"), true)).isFalse();
    assertThat(seen.contains(SeenRecords.identity(-1, "first"), false)).isTrue();
    assertThat(seen.contains(SeenRecords.identity(-1, "other"), false)).isFalse();
  }

  @Test
  void aForgedNumberFarAwayCostsTheMemoryOfOneRecordAtTheMost() {
    for (int i = 0; i < 1_000; i++) {
      seen.put(i, SeenRecords.identity(i, "text " + i));
    }
    seen.put(1L << 62, SeenRecords.identity(1, "forged"));
    for (int i = 1_000; i < 1_500; i++) {
      seen.put(i, SeenRecords.identity(i, "text " + i));
    }

    int known = 0;
    for (int i = 0; i < 1_500; i++) {
      known += seen.get(i) == SeenRecords.identity(i, "text " + i) ? 1 : 0;
    }
    assertThat(known).isGreaterThanOrEqualTo(1_499);
  }

  private static byte[] saved(SeenRecords seen) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    seen.save(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}
