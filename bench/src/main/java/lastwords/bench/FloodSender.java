package lastwords.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import lastwords.linux.Segments;

/// Sends records of the extended format at a steady rate from a process of its own: numbered, all
/// of one length, with real kernels' text and a word that no other record has. Hosts take turns,
/// each with [#BURST] records; a rate that can't be kept is caught up with.
///
/// `HOST PORT RATE SECONDS BYTES HOSTS FIRST`: several hosts have an address each, 127.1.0.2 and so
/// on, and all begin with record number `FIRST`, 0 or what an earlier [Sent] names. At its end it
/// prints a [Sent].
final class FloodSender {
  /// All numbers have as many digits, since datagrams have one length.
  private static final long NUMBERED_FROM = 1_000_000_000L;

  private static final int BURST = 32;

  /// Records of a host, one after another, before they repeat all but their numbers and words.
  private static final int DIFFERENT = 16 * BURST;

  // A record begins with 6,<number>,<micros>,-;<word> and goes on with text.
  private static final int NUMBER_AT = 2;
  private static final int NUMBER_DIGITS = 10;
  private static final int MICROS_AT = 13;
  private static final int MICROS_DIGITS = 13;
  private static final int WORD_AT = 29;
  private static final int WORD_DIGITS = 10;
  private static final long FIRST_MICROS = 1_000_000_000_000L;

  private FloodSender() {}

  /// What it did.
  ///
  /// @param next the first number that no host has used
  record Sent(long count, double seconds, long next) {}

  /// Starts it with the flags it needs; its output is the caller's to read.
  static Process start(
      InetSocketAddress to, int rate, int seconds, int bytes, int hosts, long first)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            FloodSender.class.getName(),
            to.getAddress().getHostAddress(),
            Integer.toString(to.getPort()),
            Integer.toString(rate),
            Integer.toString(seconds),
            Integer.toString(bytes),
            Integer.toString(hosts),
            Long.toString(first))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /// Waits for its end.
  static Sent await(BufferedReader said) throws IOException {
    String ended = said.readLine();
    if (ended == null) {
      throw new IOException("the sender failed");
    }
    String[] words = ended.split(" ", -1);
    return new Sent(
        Long.parseLong(words[0]), Long.parseLong(words[1]) / 1e9, Long.parseLong(words[2]));
  }

  /// Which of its host's records one is, counted from 0.
  static int number(byte[] record) {
    String digits = new String(record, NUMBER_AT, NUMBER_DIGITS, US_ASCII);
    return Math.toIntExact(Long.parseLong(digits) - NUMBERED_FROM);
  }

  public static void main(String[] args) throws IOException {
    InetSocketAddress to =
        new InetSocketAddress(InetAddress.ofLiteral(args[0]), Integer.parseInt(args[1]));
    long rate = Long.parseLong(args[2]);
    long count = rate * Long.parseLong(args[3]);
    int bytes = Integer.parseInt(args[4]);
    int hosts = Integer.parseInt(args[5]);
    long first = NUMBERED_FROM + Long.parseLong(args[6]);
    ByteBuffer records = records(bytes);
    List<DatagramChannel> channels = new ArrayList<>();
    for (int host = 0; host < hosts; host++) {
      channels.add(open(to, hosts == 1 ? 0 : host + 1, bytes));
    }
    long start = System.nanoTime();
    long sent = 0;
    long number = first;
    for (int host = 0; sent < count; host++) {
      if (host == hosts) {
        host = 0;
        number += BURST;
      }
      int burst = (int) Math.min(BURST, count - sent);
      int from = (int) (number % DIFFERENT) * bytes;
      records.clear();
      for (int i = 0; i < burst; i++) {
        int at = from + i * bytes;
        long micros = FIRST_MICROS + (number + i - NUMBERED_FROM) * 1_000;
        put(records, at + NUMBER_AT, NUMBER_DIGITS, 10, number + i);
        put(records, at + MICROS_AT, MICROS_DIGITS, 10, micros);
        put(records, at + WORD_AT, WORD_DIGITS, 16, (number + i) * hosts + host);
      }
      channels.get(host).write(records.limit(from + burst * bytes).position(from));
      sent += burst;
      long left = start + sent * TimeUnit.SECONDS.toNanos(1) / rate - System.nanoTime();
      if (left > 0) {
        LockSupport.parkNanos(left);
      }
    }
    long nanos = System.nanoTime() - start;
    System.out.println(sent + " " + nanos + " " + (number + BURST - NUMBERED_FROM));
  }

  private static DatagramChannel open(InetSocketAddress to, int address, int bytes)
      throws IOException {
    DatagramChannel channel =
        DatagramChannel.open(
            to.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6);
    if (address > 0) {
      InetAddress from =
          InetAddress.ofLiteral("127.1.%d.%d".formatted(address / 200, address % 200 + 1));
      channel.bind(new InetSocketAddress(from, 0));
    }
    Segments.of(channel.connect(to), bytes);
    return channel;
  }

  /// Records that differ, one behind the other; their numbers and words are still to be written.
  private static ByteBuffer records(int bytes) {
    List<String> texts =
        Recording.load().healthyMessages().stream()
            .map(message -> message.text().lines().findFirst().orElse(""))
            .toList();
    ByteBuffer records = ByteBuffer.allocateDirect(DIFFERENT * bytes);
    for (int i = 0; i < DIFFERENT; i++) {
      StringBuilder record = new StringBuilder("6,%010d,%013d,-;%010x ".formatted(0, 0, 0));
      for (int next = i; record.length() < bytes; next++) {
        record.append(texts.get(next % texts.size())).append(' ');
      }
      records.put(Arrays.copyOf(record.toString().getBytes(US_ASCII), bytes - 1)).put((byte) '\n');
    }
    return records;
  }

  private static void put(ByteBuffer to, int at, int digits, int radix, long number) {
    long left = number;
    for (int i = at + digits - 1; i >= at; i--) {
      to.put(i, (byte) Character.forDigit((int) (left % radix), radix));
      left /= radix;
    }
  }
}
