package lastwords.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import lastwords.assemble.HostStreams;
import lastwords.kernel.Datagram;
import lastwords.kernel.KernelMessage;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// Datagrams decoded and assembled to messages, per message; and [#messagesAlone], what the
/// messages themselves cost.
///
/// One host sends the lines of the recording over and over, numbered on, a millisecond apart.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AssembleBenchmark {
  private static final int MESSAGES = 8_192;
  private static final InetAddress HOST = InetAddress.ofLiteral("10.0.0.1");
  private static final String USERDATA = " rack=r12\n site=ams3\n cpu=3\n taskname=kworker/3:1\n";

  /// How the messages come: each in a datagram and in turn, with userdata, in three pieces, the
  /// pieces and messages of eight in any order, each twice, or without a header.
  @Param({"inOrder", "userdata", "pieces", "reordered", "twice", "basic"})
  public String come = "inOrder";

  private List<KernelMessage> messages = List.of();
  private List<byte[]> texts = List.of();
  private List<Datagram> datagrams = List.of();
  private HostStreams streams = Recording.streams(event -> {});

  @Setup
  public void load(Blackhole sink) {
    List<String> lines = Recording.load().messages().stream().map(KernelMessage::text).toList();
    datagrams = new ArrayList<>(MESSAGES);
    for (int first = 0; first < MESSAGES; first += 8) {
      List<String> payloads = new ArrayList<>();
      for (int number = first; number < first + 8; number++) {
        send(number, lines.get(number % lines.size()), payloads);
      }
      if (come.equals("reordered")) {
        Collections.shuffle(payloads, new Random(first));
      }
      for (String payload : payloads) {
        int offset = datagrams.size();
        byte[] bytes = payload.getBytes(ISO_8859_1);
        datagrams.add(new Datagram(offset, first * 1_000L, HOST, 6665, 6666, bytes));
      }
    }
    List<KernelMessage> said = new ArrayList<>(MESSAGES);
    HostStreams once =
        Recording.streams(
            event -> {
              if (event instanceof KernelMessage message) {
                said.add(message);
              }
            });
    datagrams.forEach(once::accept);
    once.end();
    if (said.size() != MESSAGES) {
      throw new IllegalStateException(come + ": " + said.size() + " messages");
    }
    messages = said;
    texts = said.stream().map(m -> m.text().getBytes(ISO_8859_1)).toList();
    streams = Recording.streams(sink::consume);
  }

  private void send(int number, String text, List<String> to) {
    String escaped = text.replace("\\", "\\x5c").replace("\n", "\\x0a");
    String head = "6.12.48+deb12-amd64,6," + number + "," + (1_000_000 + number * 1_000L) + ",-";
    String body = escaped + "\n" + (come.equals("userdata") ? USERDATA : "");
    switch (come) {
      case "pieces", "reordered" -> {
        int length = body.length();
        for (int piece = 0; piece < 3; piece++) {
          int from = length * piece / 3;
          String part = body.substring(from, length * (piece + 1) / 3);
          to.add(head + ",ncfrag=" + from + "/" + length + ";" + part);
        }
      }
      case "basic" ->
          to.add(
              "[%5d.%06d] %s"
                  .formatted(1 + number / 1000, number % 1000 * 1000, text)
                  .replace('\n', ' ')
                  .concat("\n"));
      default -> to.add(head + ",caller=T" + number % 100 + ";" + body);
    }
    if (come.equals("twice")) {
      to.add(to.getLast());
    }
  }

  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void messages(Blackhole sink) {
    datagrams.forEach(streams::accept);
    streams.end();
    streams = Recording.streams(sink::consume);
  }

  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void messagesAlone(Blackhole sink) {
    for (int i = 0; i < MESSAGES; i++) {
      KernelMessage m = messages.get(i);
      sink.consume(
          new KernelMessage(
              m.position(),
              m.receivedAtMicros(),
              m.host(),
              m.address(),
              m.boot(),
              m.facility(),
              m.severity(),
              m.sequence(),
              m.uptimeMicros(),
              m.caller(),
              m.cpu(),
              m.task(),
              m.release(),
              new String(texts.get(i), ISO_8859_1),
              m.dictionary(),
              m.userdata().isEmpty() ? Map.of() : new LinkedHashMap<>(m.userdata())));
    }
  }
}
