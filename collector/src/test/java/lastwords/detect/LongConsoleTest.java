package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;

/// A console longer than what may be held of it: what is kept while it is read does not grow with
/// it. Counted in what is held, not in bytes of a heap.
class LongConsoleTest {
  private static final long MEGABYTE = 1_000_000;

  private static final List<String> HEALTHY =
      List.of(
          "usb 3-2: new high-speed USB device number %d using xhci_hcd",
          "docker0: port 2(veth%07x) entered forwarding state",
          "audit: type=1400 audit(1767322245.678:%d): apparmor=\"ALLOWED\" operation=\"open\" pid=7",
          "[UFW BLOCK] IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 TTL=241 ID=%d PROTO=TCP",
          "EXT4-fs (sda%d): mounted filesystem with ordered data mode. Quota mode: none.",
          "systemd[1]: Started session-%d.scope - Session of User root.");

  private static final List<String> FAULT =
      List.of(
          "BUG: kernel NULL pointer dereference, address: 0000000000000008",
          "Oops: 0002 [#1] PREEMPT SMP NOPTI",
          "CPU: 1 PID: 176 Comm: sh Not tainted 6.1.0 #1",
          "RIP: 0010:do_harm_%s+0x9/0x20 [harm]",
          "Call Trace:",
          " harm_write+0x18/0x30 [harm]",
          " vfs_write+0xfb/0x450",
          "---[ end trace 0000000000000000 ]---");

  @Test
  void ofAHealthyConsoleWithOneCrashNoMoreThanTheLastWordsAndTheCrashAreHeld() throws IOException {
    Held held = read(50 * MEGABYTE, 25 * MEGABYTE);
    assertThat(held.crashes.size()).isEqualTo(1);
    assertThat(held.most).isLessThan(3L * (LastWords.MAX + FAULT.size()));
    assertThat(held.messages).isLessThan(10L * LastWords.MAX);
  }

  @Test
  void whatAConsoleFullOfCrashesMakesUsHoldDoesNotGrowWithIt() throws IOException {
    Held few = read(4 * MEGABYTE, 10_000);
    Held many = read(12 * MEGABYTE, 10_000);
    assertThat(few.crashes.size()).isGreaterThan(300);
    assertThat(many.crashes.size()).isGreaterThan(900);
    assertThat(many.most).isEqualTo(few.most);
  }

  /// What reading left behind.
  private static final class Held {
    final List<Crash> crashes = new ArrayList<>();

    /// Messages that the text became.
    long messages;

    /// Lines and values held at once, at most.
    long most;
  }

  private static Held read(long bytes, long crashEvery) throws IOException {
    Held held = new Held();
    Detector detector = new Detector(held.crashes::add, new Counters());
    LogText.read(
        new Console(bytes, crashEvery),
        detector::isAlert,
        message -> {
          detector.accept(message);
          held.messages++;
          held.most = Math.max(held.most, detector.held());
        });
    detector.end();
    return held;
  }

  /// Makes its text as it is read.
  private static final class Console extends InputStream {
    private final long bytes;
    private final long crashEvery;
    private long made;
    private long lines;
    private long crashes;
    private byte[] piece = {};
    private int at;

    Console(long bytes, long crashEvery) {
      this.bytes = bytes;
      this.crashEvery = crashEvery;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("a byte at a time");
    }

    @Override
    public int read(byte[] into, int from, int length) {
      if (at == piece.length) {
        if (made >= bytes) {
          return -1;
        }
        piece = next().getBytes(StandardCharsets.UTF_8);
        made += piece.length;
        at = 0;
      }
      int some = Math.min(length, piece.length - at);
      System.arraycopy(piece, at, into, from, some);
      at += some;
      return some;
    }

    private String next() {
      StringBuilder text = new StringBuilder();
      if (made / crashEvery > crashes) {
        crashes++;
        String name = "" + (char) ('a' + crashes / 26 % 26) + (char) ('a' + crashes % 26);
        FAULT.forEach(line -> line(text, line.formatted(name)));
      }
      for (int i = 0; i < 100; i++) {
        line(text, HEALTHY.get((int) (lines % HEALTHY.size())).formatted(lines));
      }
      return text.toString();
    }

    private void line(StringBuilder text, String line) {
      lines++;
      text.append("[%5d.%06d] %s%n".formatted(lines / 10, lines % 10 * 100_000, line));
    }
  }
}
