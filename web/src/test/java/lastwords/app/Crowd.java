package lastwords.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import lastwords.kernel.Datagram;

/// Many hosts that speak at the same time, each from a loopback address of its own.
final class Crowd {
  private static final int SPEAKING = 20;

  private final Map<InetAddress, List<Datagram>> hosts = new LinkedHashMap<>();

  private record Speaker(InetAddress host, Iterator<Datagram> datagrams) {}

  /// Lets one more host say this; returns its address as a server sees it.
  String add(int group, List<Datagram> datagrams) {
    int number = hosts.size();
    int third = group + number / 250;
    int last = 2 + number % 250;
    hosts.put(InetAddress.ofLiteral("10.0." + third + "." + last), datagrams);
    return "127.0." + third + "." + last;
  }

  long datagrams() {
    return hosts.values().stream().mapToLong(List::size).sum();
  }

  /// Sends one datagram of each speaking host in turn until all is said. Only so many speak at a
  /// time: a host that is given a word now and then would seem to be slower than its own clock.
  ///
  /// @param sent is told after each how many there were; may wait
  void speak(InetSocketAddress to, LongConsumer sent) {
    Deque<Speaker> waiting = new ArrayDeque<>();
    hosts.forEach((host, datagrams) -> waiting.add(new Speaker(host, datagrams.iterator())));
    List<Speaker> speaking = new ArrayList<>();
    long count = 0;
    try (Senders senders = new Senders(to)) {
      while (!waiting.isEmpty() || !speaking.isEmpty()) {
        while (speaking.size() < SPEAKING && !waiting.isEmpty()) {
          speaking.add(waiting.remove());
        }
        for (Speaker speaker : speaking) {
          Datagram next = speaker.datagrams().next();
          senders.send(speaker.host(), 0, next.sourcePort(), ByteBuffer.wrap(next.payload()));
          sent.accept(++count);
        }
        speaking.removeIf(speaker -> !speaker.datagrams().hasNext());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
