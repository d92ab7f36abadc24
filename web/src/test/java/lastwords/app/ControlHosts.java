package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Honest hosts in an inventory that crash again and again, each time in a function of its own, and
/// reboot; before each crash somebody tries to keep it from being reported.
///
/// In each cycle a host runs, is attacked, hits a NULL pointer, and every second time goes down
/// with it [#PANIC_AFTER_NANOS] later. All hosts send on one thread.
final class ControlHosts implements AutoCloseable {
  static final int HOSTS = 10;

  /// In the name of each function that a control host crashes in.
  static final String WORD = "soakword";

  private static final long CYCLE_NANOS = TimeUnit.SECONDS.toNanos(14);
  private static final long CRASH_AT_NANOS = TimeUnit.SECONDS.toNanos(4);

  /// Longer than a crash waits before it is published.
  private static final long PANIC_AFTER_NANOS = TimeUnit.SECONDS.toNanos(4);

  private static final long REBOOT_AFTER_NANOS = TimeUnit.SECONDS.toNanos(6);
  private static final long HEARTBEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int SOURCE_PORT = 6665;

  /// What an attacker does to one host's next crash. None of these needs more than to send
  /// datagrams, some with the victim's address.
  enum Attack {
    NONE,
    /// Fragments that never become whole, under the victim's next numbers and with its address.
    FRAGMENTS,
    /// Records far ahead of the victim's numbers, with its address.
    SEQUENCE,
    /// Another machine panics of the same under the victim's name.
    PRE_ALARM,
    /// Other panics with the victim's address.
    OWN_FAKES,
    /// The victim's address under another name.
    RENAME,
    /// More panics than a minute's alarms, from a dozen addresses.
    FLOOD
  }

  private static final List<String> OOPS =
      List.of(
          "BUG: kernel NULL pointer dereference, address: 0000000000000008",
          "#PF: supervisor read access in kernel mode",
          "#PF: error_code(0x0000) - not-present page",
          "Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI",
          "CPU: 1 UID: 0 PID: 77 Comm: sh Not tainted 6.12.0 #1",
          "RIP: 0010:%s+0x1b/0x40",
          "Call Trace:",
          " <TASK>",
          " %s+0x1b/0x40",
          " vfs_write+0xf8/0x450",
          " ksys_write+0x6f/0xf0",
          " </TASK>",
          "---[ end trace 0000000000000000 ]---");

  /// A crash that has to be reported.
  ///
  /// @param sentNanos when its last line was sent
  /// @param panicked whether the machine went down with it
  record Expected(
      String function,
      String host,
      String address,
      Attack attack,
      long sentNanos,
      boolean panicked) {}

  private static final class ControlHost {
    final int number;
    long sequence;
    long bootNanos;
    int cycle;
    long cycleNanos;
    long nextHeartbeatNanos;
    String function = "";
    boolean attacked;
    boolean crashed;
    boolean wentDown;
    boolean panicked;

    ControlHost(int number, long nowNanos) {
      this.number = number;
      this.bootNanos = nowNanos - TimeUnit.HOURS.toNanos(1);
      this.cycleNanos = nowNanos + number * CYCLE_NANOS / HOSTS;
      this.nextHeartbeatNanos = nowNanos;
    }
  }

  final Queue<Expected> expected = new ConcurrentLinkedQueue<>();
  final AtomicLong sent = new AtomicLong();
  private final InetSocketAddress to;
  private final List<Attack> attacks;
  private final Thread thread = Thread.ofPlatform().daemon().name("control").unstarted(this::run);
  private final Thread attacker =
      Thread.ofPlatform().daemon().name("attack").unstarted(this::attack);
  private final Queue<Target> targets = new ConcurrentLinkedQueue<>();
  private int crashes;
  private volatile boolean ending;
  private volatile boolean closed;

  /// @param uptimeMicros the victim's, when the attack begins
  private record Target(
      Attack attack, int host, String function, long sequence, long uptimeMicros) {}

  ControlHosts(InetSocketAddress to, List<Attack> attacks) {
    this.to = to;
    this.attacks = attacks;
  }

  void start() {
    thread.start();
    attacker.start();
  }

  static String name(int host) {
    return "control-" + (char) ('a' + host);
  }

  static List<String> names() {
    List<String> names = new ArrayList<>();
    for (int host = 0; host < HOSTS; host++) {
      names.add(name(host));
    }
    return names;
  }

  static String address(int host) {
    return "127.77.0." + (2 + host);
  }

  /// The hosts as an inventory names them.
  static List<String> inventory() {
    List<String> rows = new ArrayList<>();
    for (int host = 0; host < HOSTS; host++) {
      rows.add("- {address: %s, host: %s}".formatted(address(host), name(host)));
    }
    return rows;
  }

  private static InetAddress source(int host) {
    return InetAddress.ofLiteral("10.77.0." + (2 + host));
  }

  private void run() {
    long startNanos = System.nanoTime();
    List<ControlHost> hosts = new ArrayList<>();
    for (int number = 0; number < HOSTS; number++) {
      hosts.add(new ControlHost(number, startNanos));
    }
    try (Senders senders = new Senders(to)) {
      while (!closed) {
        for (ControlHost host : hosts) {
          step(host, senders);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void step(ControlHost host, Senders senders) throws IOException {
    long now = System.nanoTime();
    long inCycle = now - host.cycleNanos;
    if (inCycle >= CYCLE_NANOS) {
      host.cycle++;
      host.cycleNanos += CYCLE_NANOS;
      host.attacked = false;
      host.crashed = false;
      host.wentDown = false;
      return;
    }
    if (host.panicked) {
      if (inCycle >= CRASH_AT_NANOS + PANIC_AFTER_NANOS + REBOOT_AFTER_NANOS / 2) {
        host.panicked = false;
        host.sequence = 0;
        host.bootNanos = now;
        say(host, senders, "Linux version 6.12.0 (gcc) #1 SMP");
      }
      return;
    }
    if (inCycle >= CRASH_AT_NANOS - TimeUnit.SECONDS.toNanos(1) && !host.attacked && !ending) {
      host.attacked = true;
      host.function = WORD + "_" + letters(crashes++) + "_write";
      Attack attack = attacks.get((host.cycle + host.number) % attacks.size());
      targets.add(
          new Target(attack, host.number, host.function, host.sequence, uptimeMicros(host, now)));
    }
    if (inCycle >= CRASH_AT_NANOS && host.attacked && !host.crashed) {
      host.crashed = true;
      for (String line : OOPS) {
        say(host, senders, line.replace("%s", host.function));
      }
      expect(host, false);
    }
    if (goesDown(host)
        && host.crashed
        && !host.wentDown
        && inCycle >= CRASH_AT_NANOS + PANIC_AFTER_NANOS) {
      say(host, senders, "Kernel panic - not syncing: Fatal exception");
      say(host, senders, "---[ end Kernel panic - not syncing: Fatal exception ]---");
      expect(host, true);
      host.wentDown = true;
      host.panicked = true;
      return;
    }
    if (now >= host.nextHeartbeatNanos) {
      host.nextHeartbeatNanos = now + HEARTBEAT_NANOS;
      say(host, senders, "eth0: link is up");
    }
  }

  private static boolean goesDown(ControlHost host) {
    return (host.cycle + host.number) % 2 == 0;
  }

  private void expect(ControlHost host, boolean panicked) {
    expected.add(
        new Expected(
            host.function,
            name(host.number),
            address(host.number),
            attacks.get((host.cycle + host.number) % attacks.size()),
            System.nanoTime(),
            panicked));
  }

  private void say(ControlHost host, Senders senders, String text) throws IOException {
    String record =
        "4,%d,%d,-;%s\n".formatted(host.sequence++, uptimeMicros(host, System.nanoTime()), text);
    send(senders, source(host.number), record);
  }

  private static long uptimeMicros(ControlHost host, long nowNanos) {
    return (nowNanos - host.bootNanos) / 1_000;
  }

  private void send(Senders senders, InetAddress from, String datagram) throws IOException {
    send(senders, from, datagram.getBytes(US_ASCII));
  }

  private void send(Senders senders, InetAddress from, byte[] datagram) throws IOException {
    senders.send(from, 0, SOURCE_PORT, ByteBuffer.wrap(datagram));
    sent.incrementAndGet();
  }

  private void attack() {
    HostileDatagrams fakes = new HostileDatagrams(77, names());
    try (Senders senders = new Senders(to)) {
      while (!closed) {
        Target target = targets.poll();
        if (target != null) {
          attack(target, senders, fakes);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void attack(Target target, Senders senders, HostileDatagrams fakes) throws IOException {
    InetAddress victim = source(target.host());
    long sequence = target.sequence();
    long uptime = target.uptimeMicros();
    switch (target.attack()) {
      case NONE -> {}
      case FRAGMENTS -> {
        for (int i = 0; i < 500; i++) {
          send(senders, victim, "6,%d,%d,-,ncfrag=0/400;x".formatted(sequence + i, uptime));
        }
      }
      case SEQUENCE -> {
        send(senders, victim, "6,%d,%d,-;forged".formatted(sequence + 1_000_000, uptime));
        send(senders, victim, "6,%d,%d,-;forged".formatted(1L << 61, uptime));
      }
      case PRE_ALARM -> {
        InetAddress other = InetAddress.ofLiteral("10.78.0." + (2 + target.host()));
        for (String line : OOPS) {
          String text = line.replace("%s", target.function());
          send(
              senders,
              other,
              "4,%d,%d,-;%s\n host=%s\n".formatted(sequence++, uptime, text, name(target.host())));
        }
      }
      case OWN_FAKES -> {
        for (int i = 0; i < 210; i++) {
          send(senders, victim, fakes.fakePanic(sequence + 10_000 + i, uptime));
        }
      }
      case RENAME ->
          send(
              senders,
              victim,
              "6,%d,%d,-;forged\n host=cache9\n".formatted(sequence + 2_000, uptime));
      case FLOOD -> {
        for (int i = 0; i < 1_300; i++) {
          InetAddress other = InetAddress.ofLiteral("10.79.0." + (2 + i % 12));
          send(senders, other, fakes.fakePanic(sequence + i / 12, uptime));
          if (i % 100 == 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
          }
        }
      }
    }
  }

  private static String letters(int number) {
    StringBuilder letters = new StringBuilder();
    for (char digit : Integer.toString(number).toCharArray()) {
      letters.append((char) ('a' + digit - '0'));
    }
    return letters.toString();
  }

  /// From now on no crash begins; those that are under way end.
  void crashNoMore() {
    ending = true;
  }

  /// From now on crashes begin again.
  void crashAgain() {
    ending = false;
  }

  @Override
  public void close() {
    end();
  }

  /// Sends no more.
  void end() {
    closed = true;
    try {
      thread.join();
      attacker.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The function of that title, null when it names none of a control host.
  static @Nullable String functionIn(String title) {
    int start = title.indexOf(WORD);
    if (start < 0) {
      return null;
    }
    int end = start;
    while (end < title.length()
        && (Character.isLetterOrDigit(title.charAt(end)) || title.charAt(end) == '_')) {
      end++;
    }
    return title.substring(start, end);
  }
}
