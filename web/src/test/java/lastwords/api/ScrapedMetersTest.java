package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ScrapedMetersTest {
  private final ScrapedMeters meters = new ScrapedMeters();

  private void counter(String name, DoubleSupplier value) {
    FunctionCounter.builder("lastwords." + name, this, _ -> value.getAsDouble()).register(meters);
  }

  private double value(String name) {
    return Pattern.compile("(?m)^" + Pattern.quote(name) + " (\\S+)$")
        .matcher(meters.text())
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " isn't there"));
  }

  @Test
  void anyValuesOfSomeMetersLeaveTheOthersThere() {
    double[] odd = {
      -1,
      -0.0,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Long.MIN_VALUE,
      Long.MAX_VALUE,
      Double.MAX_VALUE,
      Double.MIN_VALUE
    };
    Random random = new Random(12);
    double[] now = new double[20];
    for (int i = 0; i < now.length; i++) {
      int meter = i;
      DoubleSupplier value =
          () -> {
            if (now[meter] == 3) {
              throw new IllegalStateException("broken");
            }
            return now[meter];
          };
      if (i % 2 == 0) {
        counter("odd." + i, value);
      } else {
        Gauge.builder("lastwords.odd", this, _ -> value.getAsDouble())
            .tags(Tags.of("number", "" + i))
            .register(meters);
      }
    }
    counter("good", () -> 42);
    for (int round = 0; round < 500; round++) {
      for (int i = 0; i < now.length; i++) {
        now[i] = random.nextBoolean() ? odd[random.nextInt(odd.length)] : random.nextInt(5);
      }
      assertThat(value("lastwords_good_total")).isEqualTo(42);
      assertThat(value("lastwords_odd_0_total")).isGreaterThanOrEqualTo(0).isFinite();
    }
    assertThat(value("lastwords_metric_failures_total")).isGreaterThan(0);
  }

  @Test
  void aCounterThatFailsKeepsItsLastGoodValueAndNeverGoesDown() {
    double[] now = {7};
    counter("bad", () -> now[0]);
    assertThat(value("lastwords_bad_total")).isEqualTo(7);
    for (double impossible : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY, 6}) {
      now[0] = impossible;
      assertThat(value("lastwords_bad_total")).isEqualTo(7);
    }
    now[0] = 8;
    assertThat(value("lastwords_bad_total")).isEqualTo(8);
  }

  @Test
  void aStatusThatFailsIsAReasonAndNoFaultOfTheServer() throws Exception {
    try (Served served = new Served()) {
      served.json("/api/v1/stats");
      served.status =
          () -> {
            throw new IllegalStateException("no index");
          };
      assertThat(served.json("/api/v1/stats").get("datagrams").asInt()).isEqualTo(6);
      assertThat(served.get("/readyz").statusCode()).isEqualTo(503);
      assertThat(served.get("/readyz").body()).contains("can't be determined");
      assertThat(served.get("/metrics").statusCode()).isEqualTo(200);
      assertThat(served.get("/metrics").body())
          .contains("lastwords_datagrams_total 6.0", "lastwords_ready 0.0");
    }
  }

  @Test
  void partsThatAppearAfterTheStartHaveMeters() throws Exception {
    try (Served served = new Served()) {
      Status now = Samples.status(List.of());
      served.status = () -> now;
      assertThat(served.get("/metrics").body())
          .contains("lastwords_reader_lag_seconds{reader=\"indexing\"} 1.5");
    }
  }
}
