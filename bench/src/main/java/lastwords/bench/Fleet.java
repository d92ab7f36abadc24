package lastwords.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import lastwords.capture.CaptureReader;
import lastwords.kernel.Datagram;

/// What many hosts send within an hour: each what a real kernel sent, one recording after the other
/// from a random moment on, in the order of arrival.
final class Fleet {
  private static final long HOUR_MICROS = 3_600_000_000L;

  /// Between two recordings of a host.
  private static final long PAUSE_MICROS = 60_000_000;

  private final List<List<Datagram>> recordings;

  private Fleet(List<List<Datagram>> recordings) {
    this.recordings = recordings;
  }

  /// All captures in the extended format below a folder, or the demo's where there is no such one.
  static Fleet of(Path folder) throws IOException {
    List<List<Datagram>> recordings = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(it -> it.endsWith("capture.pcap")).sorted().toList()) {
          recordings.add(read(file));
        }
      }
    } else {
      System.out.println(folder.toAbsolutePath() + " is not there: measured with the demo's");
      Recording.ALL.forEach(name -> recordings.add(Recording.load(name).datagrams()));
    }
    return new Fleet(recordings);
  }

  private static List<Datagram> read(Path file) throws IOException {
    List<Datagram> datagrams = new ArrayList<>();
    try (CaptureReader capture = CaptureReader.of(file.toString(), Files.newInputStream(file))) {
      Datagram datagram;
      while ((datagram = capture.next()) != null) {
        datagrams.add(datagram);
      }
    }
    return datagrams;
  }

  int recordings() {
    return recordings.size();
  }

  /// @param datagrams of all hosts together, about
  List<Datagram> send(int hosts, int datagrams, long startMicros) {
    Random random = new Random(20261121);
    List<Datagram> sent = new ArrayList<>(datagrams);
    int each = Math.max(1, datagrams / hosts);
    for (int host = 0; host < hosts; host++) {
      InetAddress address = address(host);
      long at = startMicros + (long) (random.nextDouble() * HOUR_MICROS);
      for (int count = 0; count < each; at += PAUSE_MICROS) {
        List<Datagram> recording = recordings.get(random.nextInt(recordings.size()));
        // Who says little says something from the middle.
        int from = each < recording.size() ? random.nextInt(recording.size() - each) : 0;
        long shift = at - recording.get(from).receivedAtMicros();
        for (int i = from; i < recording.size() && count < each; i++, count++) {
          Datagram said = recording.get(i);
          at = said.receivedAtMicros() + shift;
          sent.add(
              new Datagram(0, at, address, said.sourcePort(), said.localPort(), said.payload()));
        }
      }
    }
    sent.sort(Comparator.comparingLong(Datagram::receivedAtMicros));
    return sent;
  }

  private static InetAddress address(int host) {
    try {
      return InetAddress.getByAddress(
          new byte[] {10, (byte) (host >> 16), (byte) (host >> 8), (byte) host});
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
