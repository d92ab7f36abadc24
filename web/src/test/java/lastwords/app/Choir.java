package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/// Hosts that speak in turn, on a thread of their own, until they are told to stop: each numbers
/// what it says, so that whoever reads it knows what is missing and what is there twice, and warns
/// now and then of another function, each once.
final class Choir implements AutoCloseable {
  /// A host warns once in so many records.
  private static final int WARNING_EVERY = 200;

  private static final int WARNING_AT = 100;

  /// A warning's lines; `%s` is the function.
  static final List<String> WARNING =
      List.of(
          "------------[ cut here ]------------",
          "WARNING: CPU: 1 PID: 77 at drivers/broken/driver.c:123 %s+0x1b/0x40 [broken]",
          "Modules linked in: broken",
          "CPU: 1 PID: 77 Comm: sh Not tainted 6.12.0 #1",
          "RIP: 0010:%s+0x1b/0x40 [broken]",
          "Call Trace:",
          " <TASK>",
          " %s+0x1b/0x40 [broken]",
          " vfs_write+0xf8/0x450",
          " ksys_write+0x6f/0xf0",
          " </TASK>",
          "---[ end trace 0000000000000000 ]---");

  private final InetSocketAddress to;
  private final int group;
  private final int perSecond;
  private final AtomicLongArray said;
  private final Thread thread;
  private volatile boolean silent;

  /// @param group the second byte of the hosts' addresses
  Choir(InetSocketAddress to, int group, int hosts, int perSecond) {
    this.to = to;
    this.group = group;
    this.perSecond = perSecond;
    this.said = new AtomicLongArray(hosts);
    this.thread = Thread.ofPlatform().daemon().name("choir").unstarted(this::speak);
  }

  void start() {
    thread.start();
  }

  int hosts() {
    return said.length();
  }

  /// How many records each host has sent.
  long[] said() {
    long[] now = new long[hosts()];
    for (int i = 0; i < now.length; i++) {
      now[i] = said.get(i);
    }
    return now;
  }

  /// A host's address as a server on IPv4 loopback sees it.
  String address(int host) {
    return "127.%d.0.%d".formatted(group, host + 2);
  }

  /// The host at that address, -1 when it isn't one of these.
  int host(String address) {
    String prefix = "127.%d.0.".formatted(group);
    int host =
        address.startsWith(prefix) ? Integer.parseInt(address.substring(prefix.length())) - 2 : -1;
    return host < hosts() ? host : -1;
  }

  /// What a host says as its record of that number.
  static String text(int host, long number) {
    int line = (int) (number % WARNING_EVERY) - WARNING_AT;
    return line < 0 || line >= WARNING.size()
        ? "host %d says record %d".formatted(host, number)
        : WARNING.get(line).formatted(function(host, number / WARNING_EVERY));
  }

  /// Whom the host warns of where that record begins a warning's headline; "" elsewhere.
  static String warnsOf(int host, long number) {
    return number % WARNING_EVERY == WARNING_AT + 1 ? function(host, number / WARNING_EVERY) : "";
  }

  /// In letters: a name's digits may be a compiler's.
  private static String function(int host, long warning) {
    return "broken_%s_of_%s_write".formatted(letters(warning), letters(host));
  }

  private static String letters(long number) {
    StringBuilder letters = new StringBuilder();
    for (char digit : Long.toString(number).toCharArray()) {
      letters.append((char) ('a' + digit - '0'));
    }
    return letters.toString();
  }

  private void speak() {
    long startNanos = System.nanoTime();
    long sent = 0;
    try (Senders senders = new Senders(to)) {
      while (!silent) {
        for (int host = 0; host < hosts(); host++) {
          long number = said.get(host);
          long uptimeMicros = 5_000_000 + (System.nanoTime() - startNanos) / 1_000;
          String record =
              String.format(
                  Locale.ROOT, "4,%d,%d,-;%s\n", number, uptimeMicros, text(host, number));
          senders.send(
              InetAddress.ofLiteral("10.%d.0.%d".formatted(group, host + 2)),
              0,
              6665,
              ByteBuffer.wrap(record.getBytes(US_ASCII)));
          said.set(host, number + 1);
          sent++;
        }
        long left = startNanos + sent * TimeUnit.SECONDS.toNanos(1) / perSecond - System.nanoTime();
        if (left > 0) {
          LockSupport.parkNanos(left);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Returns when nothing is sent any more.
  void fallSilent() {
    silent = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    fallSilent();
  }
}
