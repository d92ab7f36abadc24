package lastwords.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// UDP ports of this machine, and how the sockets on them stand as the kernel tells everybody.
final class Ports {
  private static final int LOCAL_ADDRESS = 1;
  private static final int QUEUES = 4;

  private Ports() {}

  /// One that nobody has now.
  static int free() {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What the sockets on a port that are open now dropped because their buffer was full.
  static long drops(int port) {
    return rows(port).stream().mapToLong(row -> Long.parseLong(row[row.length - 1])).sum();
  }

  /// What waits in the sockets on a port, with the kernel's own bookkeeping.
  static long queuedBytes(int port) {
    return rows(port).stream()
        .mapToLong(row -> Long.parseLong(row[QUEUES].substring(row[QUEUES].indexOf(':') + 1), 16))
        .sum();
  }

  private static List<String[]> rows(int port) {
    String local = String.format(Locale.ROOT, ":%04X", port);
    List<String[]> rows = new ArrayList<>();
    try {
      for (String table : List.of("/proc/net/udp", "/proc/net/udp6")) {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] columns = line.strip().split("\\s+", -1);
          if (columns[LOCAL_ADDRESS].endsWith(local)) {
            rows.add(columns);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }
}
