package lastwords.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Severity;
import org.junit.jupiter.api.Test;

final class JsonTest {
  @Test
  void crashIsTheSameAfterWritingAndReading() {
    Crash crash = crash("G", List.of(new Frame("f", 1, 2, null, null, null, false, true)));

    assertThat(Json.read(Json.write(crash), Crash.class)).isEqualTo(crash);
  }

  @Test
  void absentValuesOfACrashAreLeftOutAndComeBackAsAbsent() {
    Crash crash = crash(null, List.of());

    assertThat(Json.write(crash)).doesNotContain("tainted", "frames", "hardware", ":null");
    assertThat(Json.read(Json.write(crash), Crash.class)).isEqualTo(crash);
  }

  @Test
  void namesAndTimesReadAsTheOutsideKnowsThem() {
    assertThat(Json.write(crash("", List.of())))
        .contains(
            "\"kind\":\"null-deref\"",
            "\"category\":\"oops\"",
            "\"severity\":\"error\"",
            "\"tainted\":\"\"",
            "\"received_at\":\"2026-11-21T08:00:00.000001Z\"",
            "\"uptime_us\":17",
            "\"signature_version\":1",
            "\"position\":\"5\"");
  }

  @Test
  void whatAMessageDoesNotSayIsLeftOut() {
    KernelMessage basic =
        new KernelMessage(
            1024,
            1,
            "db1",
            "10.0.0.1",
            "b0",
            -1,
            -1,
            -1,
            5,
            null,
            -1,
            null,
            null,
            "hello",
            Map.of(),
            Map.of());

    assertThat(Json.write(basic))
        .isEqualTo(
            "{\"position\":\"1\",\"received_at\":\"1970-01-01T00:00:00.000001Z\",\"host\":\"db1\","
                + "\"address\":\"10.0.0.1\",\"boot\":\"b0\",\"uptime_us\":5,\"text\":\"hello\"}");
  }

  private static Crash crash(
      @org.jspecify.annotations.Nullable String tainted, List<Frame> frames) {
    return new Crash(
        "null-deref",
        Category.OOPS,
        "BUG: unable to handle kernel NULL pointer dereference in f",
        Severity.ERROR,
        "0123456789abcdef",
        1,
        List.of(),
        frames,
        "f",
        null,
        0,
        null,
        null,
        null,
        tainted,
        null,
        null,
        null,
        List.of(),
        Map.of(),
        false,
        false,
        false,
        true,
        0,
        "c5",
        5L * 1024,
        "db1",
        null,
        null,
        "10.0.0.1",
        "b1",
        1_795_248_000_000_001L,
        17L,
        3L,
        List.of("BUG: kernel NULL pointer dereference"),
        List.of(),
        null,
        null,
        null,
        null);
  }
}
