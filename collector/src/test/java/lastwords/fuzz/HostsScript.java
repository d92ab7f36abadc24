package lastwords.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import lastwords.kernel.Datagram;

/// Bytes read as what a few hosts send, when, and where the reader of it restarts.
///
/// Four bytes an instruction: what is sent, by whom and from which port, how much later, and a
/// number that the datagram is made of; bytes as they are follow where that is what is sent.
final class HostsScript {
  private static final int MAX_DATAGRAMS = 300;
  private static final long SECOND = 1_000_000;

  /// What a large datagram has behind it for each of its number, bytes that have to be escaped.
  private static final int JUNK_BYTES = 250;

  private final List<Datagram> datagrams = new ArrayList<>();
  private final BitSet restarts = new BitSet();

  HostsScript(byte[] script) {
    long nowMicros = 1_795_248_000L * SECOND;
    int at = 0;
    while (at + 4 <= script.length && datagrams.size() < MAX_DATAGRAMS) {
      int what = script[at] & 0xff;
      int host = script[at + 1] & 3;
      int port = 6664 + (script[at + 1] >> 2 & 1);
      int later = script[at + 2] & 0xff;
      int number = script[at + 3] & 0xff;
      at += 4;
      // A step between none and some hours, or the clock set back by minutes.
      nowMicros += later == 255 ? -600 * SECOND : (1L << (later & 31)) - 1;
      byte[] payload;
      if ((what & 7) == 7) {
        int length = Math.min(number, script.length - at);
        payload = Arrays.copyOfRange(script, at, at + length);
        at += length;
      } else {
        payload = payload(what, host, number).getBytes(ISO_8859_1);
      }
      if ((what & 0x80) != 0) {
        int length = payload.length;
        payload = Arrays.copyOf(payload, length + number * JUNK_BYTES);
        Arrays.fill(payload, length, payload.length, (byte) 0xff);
      }
      if ((what & 0x40) != 0) {
        restarts.set(datagrams.size());
      }
      datagrams.add(
          new Datagram(
              datagrams.size(),
              nowMicros,
              InetAddress.ofLiteral("10.0.0." + host),
              port,
              6666,
              payload));
    }
  }

  /// Each host has a name of its own: of a name that several claim, the one heard first has it, and
  /// a reader that restarts knows that only as far as it was saved.
  private static String payload(int what, int host, int number) {
    long micros = number * ((what & 0x20) == 0 ? 50_000L : 3 * SECOND);
    String head = (what & 0x10) == 0 ? "" : "6.12." + (what >> 3 & 1) + ",";
    String userdata = (what & 0x08) == 0 ? "" : " host=h" + host + "\n msgid=" + number + "\n";
    String body = "line " + (number & 0x3f) + " of\\x0amany\n" + userdata;
    int cut = body.length() * (number & 3) / 4;
    int end = body.length() * ((number & 3) + 1) / 4;
    return switch (what & 7) {
      case 0, 1 -> head + "6," + number + "," + micros + ",-;" + body;
      case 2 ->
          "%s6,%d,%d,-,ncfrag=%d/%d;%s"
              .formatted(head, number >> 2, micros, cut, body.length(), body.substring(cut, end));
      case 3 -> "[%5d.%06d] line %d\n".formatted(micros / SECOND, micros % SECOND, number & 0x3f);
      case 4 -> "line " + (number & 7) + "\n";
      case 5 -> "5," + (number & 3) + "," + (number >> 2) + ",-;Linux version 6." + number + "\n";
      default -> "x".repeat(1000);
    };
  }

  List<Datagram> datagrams() {
    return datagrams;
  }

  /// Before which of them the reader restarts.
  BitSet restarts() {
    return restarts;
  }
}
