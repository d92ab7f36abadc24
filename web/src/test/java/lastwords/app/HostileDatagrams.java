package lastwords.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Makes datagrams by the grammars of netconsole and of the kernel's reports, with every number and
/// string at its limits, and breaks some of them.
///
/// Formats: Linux `Documentation/networking/netconsole.rst`. The same seed makes the same
/// datagrams.
final class HostileDatagrams {
  /// The largest payload of UDP over IPv4.
  static final int MAX_PAYLOAD_BYTES = 65_507;

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "999",
          "65535",
          "65536",
          "2147483647",
          "2147483648",
          "4294967296",
          "4611686018427387903",
          "4611686018427387904",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551615",
          "-1",
          "00000000000000000000000007",
          "");

  private static final int[] LENGTHS = {
    0, 1, 7, 63, 64, 65, 127, 255, 256, 257, 999, 1000, 1001, 2047, 2048, 2049, 8191, 16_800, 65_000
  };

  /// Headlines of each kind of report; `%s` takes whatever comes.
  private static final List<String> HEADLINES =
      List.of(
          "Kernel panic - not syncing: %s",
          "BUG: kernel NULL pointer dereference, address: 00000000000000%s",
          "BUG: unable to handle page fault for address: ffff%s",
          "Oops: general protection fault, probably for non-canonical address 0x%s: 0000 [#1] SMP",
          "WARNING: CPU: 1 PID: 77 at drivers/net/%s.c:123 {next}+0x1b/0x40 [{2}]",
          "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [%s:77]",
          "rcu: INFO: rcu_preempt self-detected stall on CPU %s",
          "INFO: task %s:1234 blocked for more than 120 seconds.",
          "BUG: KASAN: slab-use-after-free in %s+0x1b/0x40",
          "mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 5: %s",
          "{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: %s",
          "Out of memory: Killed process 77 (%s) total-vm:1kB, anon-rss:1kB, file-rss:0kB",
          "NVRM: Xid (PCI:0000:%s): 79, pid=77, GPU has fallen off the bus.",
          "EXT4-fs error (device %s): ext4_lookup:1234: inode #2: comm ls: bad",
          "nvme nvme0: I/O 77 QID 3 timeout, reset controller %s",
          "pcieport 0000:00:1c.0: AER: Uncorrectable (Fatal) error received: %s",
          "RIP: 0010:%s+0x1b/0x40 [%s]",
          "Call Trace:",
          " <TASK>",
          " %s+0x1b/0x40 [%s]",
          "CPU: 1 PID: 77 Comm: %s Not tainted 6.12.0 #1",
          "Modules linked in: %s %s %s",
          "Hardware name: %s",
          "---[ end Kernel panic - not syncing: %s ]---",
          "---[ end trace 0000000000000000 ]---",
          "------------[ cut here ]------------",
          "reboot: Restarting system",
          "reboot: Power down",
          "sysrq: Trigger a crash",
          "Linux version %s (gcc) #1 SMP",
          "DMI: %s");

  private static final String[] KEYS = {"host", "hostname", "release", "cpu", "taskname", "msgid"};

  private final Random random;
  private final List<String> names;

  /// @param names of other hosts, which userdata claims now and then
  HostileDatagrams(long seed, List<String> names) {
    this.random = new Random(seed);
    this.names = names;
  }

  /// A datagram as a sender of that number would make its next one.
  ///
  /// @param sequence the number that follows the sender's last one
  byte[] next(long sequence, long uptimeMicros) {
    byte[] datagram =
        switch (random.nextInt(12)) {
          case 0, 1 -> latin(basic());
          case 2 -> latin(basic() + "\n" + basic() + "\n" + basic());
          case 3, 4, 5, 6 -> latin(header(ordinary(sequence), ordinary(uptimeMicros)) + body());
          case 7, 8 -> latin(fragment(ordinary(sequence), ordinary(uptimeMicros)));
          case 9 -> latin(header(pick(NUMBERS), pick(NUMBERS)) + body());
          case 10 -> filled();
          default -> latin("Linux version " + string(random.nextInt(LENGTHS.length)));
        };
    return random.nextInt(8) == 0 ? broken(datagram) : datagram;
  }

  /// A report's headline of which nothing was seen before, as one extended record.
  byte[] fakePanic(long sequence, long uptimeMicros) {
    return latin(
        "0,%d,%d,-,caller=T%d;Kernel panic - not syncing: fake %s"
            .formatted(sequence, uptimeMicros, random.nextInt(30_000), letters(8)));
  }

  private String ordinary(long number) {
    return random.nextInt(30) == 0 ? pick(NUMBERS) : Long.toString(number);
  }

  private String header(String sequence, String uptime) {
    String release = random.nextInt(4) == 0 ? "6.12." + random.nextInt(99) + "," : "";
    String caller = random.nextInt(3) == 0 ? ",caller=T" + string(random.nextInt(6)) : "";
    String more = random.nextInt(9) == 0 ? "," + string(random.nextInt(8)) + "=1" : "";
    String flag = pick(List.of("-", "-", "-", "c", "+", "x"));
    String priority = random.nextInt(20) == 0 ? pick(NUMBERS) : "" + random.nextInt(200);
    return release + priority + "," + sequence + "," + uptime + "," + flag + caller + more + ";";
  }

  private String basic() {
    String level = random.nextInt(3) == 0 ? "<" + random.nextInt(200) + ">" : "";
    String time =
        random.nextInt(3) == 0
            ? ""
            : "[%5d.%06d]".formatted(random.nextInt(99_999), random.nextInt(1_000_000));
    String caller = random.nextInt(4) == 0 ? "[ T" + random.nextInt(99_999) + "]" : "";
    return level + time + caller + " " + text();
  }

  private String text() {
    return switch (random.nextInt(6)) {
      case 0, 1, 2 -> pick(HEADLINES).replace("%s", string(random.nextInt(8)));
      case 3 -> string(random.nextInt(LENGTHS.length));
      case 4 -> pick(HEADLINES).replace("%s", string(random.nextInt(LENGTHS.length)));
      default -> "eth" + random.nextInt(9) + ": link is " + letters(3);
    };
  }

  private String body() {
    StringBuilder body = new StringBuilder(text()).append('\n');
    int entries = random.nextInt(3) > 0 ? 0 : random.nextInt(20) == 0 ? 2_000 : random.nextInt(20);
    for (int i = 0; i < entries && body.length() < MAX_PAYLOAD_BYTES - 100; i++) {
      String key = random.nextInt(3) == 0 ? KEYS[random.nextInt(KEYS.length)] : letters(4);
      boolean claims = key.startsWith("host") && random.nextInt(3) > 0;
      String value = claims ? pick(names) : string(random.nextInt(10));
      body.append(' ').append(key).append('=').append(value.replace('\n', ' ')).append('\n');
    }
    return body.toString();
  }

  private String fragment(String sequence, String uptime) {
    int total = random.nextInt(5) == 0 ? 96 << 10 : 1 + random.nextInt(4_000);
    int length = Math.min(random.nextInt(1_000), total);
    String place =
        switch (random.nextInt(6)) {
          case 0 -> pick(NUMBERS) + "/" + pick(NUMBERS);
          case 1 -> total + "/" + total;
          default -> random.nextInt(total - length + 1) + "/" + total;
        };
    String text = letters(Math.max(1, length));
    return "6," + sequence + "," + uptime + ",-,ncfrag=" + place + ";" + text;
  }

  /// One byte or character again and again, up to the largest datagram.
  private byte[] filled() {
    String what =
        pick(List.of("\u00ff", "\0", "A", "\n", "\\xff", "\u009b", "[", " \n ", "\u00e2"));
    int length = LENGTHS[random.nextInt(LENGTHS.length)];
    String head = random.nextBoolean() ? "" : "6," + random.nextInt(99) + ",77,-;";
    return latin(head + what.repeat(length / what.length()));
  }

  /// @param lengths an index into [#LENGTHS]: how long the string may be
  private String string(int lengths) {
    int length = LENGTHS[random.nextInt(lengths + 1)];
    if (length > 256) {
      return pick(List.of("\u00ff", "a", "\0", ".", "\u001b[2J"))
          .repeat(length)
          .substring(0, length);
    }
    StringBuilder string = new StringBuilder(length);
    boolean bytes = random.nextInt(3) == 0;
    for (int i = 0; i < length; i++) {
      string.append((char) (bytes ? random.nextInt(256) : 'a' + random.nextInt(26)));
    }
    return string.toString();
  }

  private String letters(int length) {
    StringBuilder letters = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      letters.append((char) ('a' + random.nextInt(26)));
    }
    return letters.toString();
  }

  private byte[] broken(byte[] whole) {
    if (whole.length == 0) {
      return whole;
    }
    byte[] broken = whole.clone();
    switch (random.nextInt(4)) {
      case 0 -> broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
      case 1 -> broken[random.nextInt(broken.length)] = 0;
      case 2 -> broken = Arrays.copyOf(broken, random.nextInt(broken.length + 1));
      default -> {
        int from = random.nextInt(broken.length);
        int length = random.nextInt(broken.length - from + 1);
        System.arraycopy(broken, from, broken, random.nextInt(broken.length - length + 1), length);
      }
    }
    return broken;
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static byte[] latin(String datagram) {
    byte[] bytes = datagram.getBytes(ISO_8859_1);
    return bytes.length <= MAX_PAYLOAD_BYTES ? bytes : Arrays.copyOf(bytes, MAX_PAYLOAD_BYTES);
  }

  /// Records with numbers below those the sender had, of the largest size: each may be a new
  /// boot's.
  static byte[] undecided(long sequence) {
    byte[] head = ("6," + sequence + ",50,-;").getBytes(US_ASCII);
    byte[] datagram = Arrays.copyOf(head, 65_000);
    Arrays.fill(datagram, head.length, datagram.length, (byte) 0xff);
    return datagram;
  }
}
