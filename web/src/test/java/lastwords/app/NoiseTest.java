package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import lastwords.kernel.Datagram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bytes that no kernel sent.
class NoiseTest {
  private static final int DATAGRAMS = 200_000;
  private static final int HOSTS = 500;
  private static final int LONGEST_DATAGRAM = 65_507;

  private final Random random = new Random(20_261_121);

  @Test
  void whateverArrivesIsKeptAndCountedAndNothingStops(@TempDir Path folder)
      throws IOException, InterruptedException {
    Crowd crowd = new Crowd();
    List<Datagram> kernels = kernels();
    for (int i = 0; i < HOSTS; i++) {
      List<Datagram> noise = new ArrayList<>();
      for (int n = 0; n < DATAGRAMS / HOSTS; n++) {
        noise.add(datagram(n % 2 == 0 ? mutated(kernels) : random()));
      }
      crowd.add(10, noise);
    }
    try (Running running = Running.start(folder)) {
      running.hear(crowd);
      running.untilRead(DATAGRAMS);
      String metrics = body(running.server.http().resolve("/metrics"));
      long extended = counter(metrics, "extended");
      long basic = counter(metrics, "basic");
      long malformed = counter(metrics, "malformed");
      System.out.printf("%d extended, %d basic, %d malformed%n", extended, basic, malformed);
      assertThat(extended + basic + malformed)
          .isEqualTo(DATAGRAMS)
          .isEqualTo(counter(metrics, "datagrams"))
          .isEqualTo(counter(metrics, "appended"))
          .isEqualTo(
              running.payloads().values().stream()
                  .flatMap(ports -> ports.values().stream())
                  .mapToLong(List::size)
                  .sum());
      assertThat(List.of(extended, basic, malformed)).allMatch(count -> count > 1000);
      assertThat(counter(metrics, "socket_drops")).isZero();
      assertThat(body(running.server.http().resolve("/readyz"))).contains("ready");
      // It still understands what makes sense.
      Crowd sane = new Crowd();
      String address = sane.add(50, Recording.of("sysrq-c--d612").datagrams());
      running.hear(sane);
      running.untilRead(DATAGRAMS + sane.datagrams());
      Running.eventually(() -> running.crashes().containsKey(address));
    }
  }

  private static List<Datagram> kernels() {
    List<Datagram> kernels = new ArrayList<>();
    for (String name : List.of("printk-shapes--d612", "sysdata--sid", "smp-oops--kasan")) {
      kernels.addAll(Recording.of(name).datagrams());
    }
    return kernels;
  }

  /// A kernel's datagram with a few bytes changed, inserted, repeated or cut off.
  private byte[] mutated(List<Datagram> kernels) {
    byte[] bytes = kernels.get(random.nextInt(kernels.size())).payload().clone();
    for (int changes = random.nextInt(5); changes > 0 && bytes.length > 1; changes--) {
      int at = random.nextInt(random.nextBoolean() ? Math.min(40, bytes.length) : bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) "0123456789,;-/=\n\\ \0".charAt(random.nextInt(19));
        case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + random.nextInt(200));
          System.arraycopy(bytes, 0, longer, longer.length - bytes.length, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }

  private byte[] random() {
    int longest = random.nextInt(1000) == 0 ? LONGEST_DATAGRAM : 1500;
    // Not empty: a sender can't tell when an empty one has arrived.
    byte[] bytes = new byte[1 + random.nextInt(1 + random.nextInt(longest))];
    random.nextBytes(bytes);
    if (random.nextBoolean()) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (' ' + (bytes[i] & 0x3f));
      }
    }
    return bytes;
  }

  private static Datagram datagram(byte[] payload) {
    return new Datagram(0, 0, InetAddress.ofLiteral("10.0.0.1"), 6665, 6666, payload);
  }

  private static String body(URI uri) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }

  /// Of all sockets; of what each reader counts, analysis' own.
  private static long counter(String metrics, String name) {
    long[] counts =
        metrics
            .lines()
            .filter(line -> line.split("[{ ]", 2)[0].equals("lastwords_" + name + "_total"))
            .filter(line -> !line.contains("reader=\"indexing\""))
            .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
            .toArray();
    assertThat(counts).as(name).isNotEmpty();
    return LongStream.of(counts).sum();
  }
}
