package lastwords.api;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/// The open HTTP connections: how many there may be, in all and of one source, and when each has to
/// be closed.
///
/// The process's file descriptors belong to log, index and ledger first, so connections have an
/// eighth of them and at most [#MAX]. An eighth of these is left to loopback addresses, so that
/// probes and scrapes of this machine get in while others hold theirs; a source elsewhere (an IPv4
/// address, the /64 of an IPv6 one) has a fourth. A connection beyond is closed at once.
///
/// A connection without a request under way is closed [#BETWEEN_REQUESTS] after it was opened or
/// its last request ended, however many bytes of the next head have come: so no client keeps one by
/// a byte now and then. A request is under way until its answer was taken, which has to be within
/// [#REQUEST] unless it is a stream.
///
/// Time is [System#nanoTime]. Safe for any number of threads.
final class Connections {
  /// Each costs about 10 kB of heap; robots and browsers keep some each.
  static final int MAX = 1_024;

  /// As few as a start with very few descriptors still works with.
  static final int MIN = 16;

  /// Of the process's descriptors, one in so many may be a connection.
  static final int DESCRIPTORS_FOR_ONE = 8;

  /// A head is sent within milliseconds; idle connections end earlier, by [#IDLE].
  static final Duration BETWEEN_REQUESTS = Duration.ofSeconds(30);

  /// Without any byte in either direction, also while an answer is written.
  static final Duration IDLE = Duration.ofSeconds(20);

  /// Longer than the slowest search, and enough for the largest answer at 300 kB/s.
  static final Duration REQUEST = Duration.ofSeconds(60);

  private static final int RESERVED_FOR_LOOPBACK = 8;
  private static final int SHARES_OF_SOURCES = 4;

  /// Why a connection isn't taken.
  enum Verdict {
    ADMITTED,
    TOO_MANY,
    TOO_MANY_OF_SOURCE
  }

  private static final class Open {
    final String source;
    final boolean loopback;
    long since;
    boolean underWay;
    boolean stream;

    Open(InetAddress address, long now) {
      source = FailedLogins.network(address);
      loopback = address.isLoopbackAddress();
      since = now;
    }
  }

  private final int limit;
  private final Map<Channel, Open> open = new HashMap<>();
  private long rejected;
  private long rejectedOfSource;
  private long overdue;

  /// @param limit connections at one time
  Connections(int limit) {
    this.limit = limit;
  }

  /// As many as the process's limit of file descriptors allows.
  static Connections ofThisProcess() {
    return new Connections(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? limit(unix.getMaxFileDescriptorCount())
            : MAX);
  }

  /// @param descriptors the process's limit; less than 1 where it is unknown
  static int limit(long descriptors) {
    return descriptors < 1 ? MAX : Math.clamp(descriptors / DESCRIPTORS_FOR_ONE, MIN, MAX);
  }

  /// Takes a connection, unless there are too many.
  synchronized Verdict admit(Channel channel, InetAddress address, long now) {
    Open added = new Open(address, now);
    int ofSource = 0;
    for (Iterator<Map.Entry<Channel, Open>> all = open.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Channel, Open> other = all.next();
      if (!other.getKey().isOpen()) {
        all.remove();
      } else if (other.getValue().source.equals(added.source)) {
        ofSource++;
      }
    }
    if (open.size() >= (added.loopback ? limit : limit - limit / RESERVED_FOR_LOOPBACK)) {
      rejected++;
      return Verdict.TOO_MANY;
    }
    if (!added.loopback && ofSource >= limit / SHARES_OF_SOURCES) {
      rejectedOfSource++;
      return Verdict.TOO_MANY_OF_SOURCE;
    }
    open.put(channel, added);
    return Verdict.ADMITTED;
  }

  /// A request's head was read.
  ///
  /// @param stream whether its answer has no end
  synchronized void began(Object channel, boolean stream, long now) {
    change(channel, true, stream, now);
  }

  /// A request's answer was written, or failed.
  synchronized void ended(Object channel, long now) {
    change(channel, false, false, now);
  }

  private void change(Object channel, boolean underWay, boolean stream, long now) {
    Open of = open.get(channel);
    if (of != null) {
      of.underWay = underWay;
      of.stream = stream;
      of.since = now;
    }
  }

  /// The connections whose time is over, each once; the caller closes them.
  synchronized Set<Channel> overdue(long now) {
    Set<Channel> found = new HashSet<>();
    open.forEach(
        (channel, of) -> {
          Duration allowed = of.underWay ? REQUEST : BETWEEN_REQUESTS;
          if (!of.stream && channel.isOpen() && now - of.since > allowed.toNanos()) {
            found.add(channel);
          }
        });
    open.keySet().removeAll(found);
    overdue += found.size();
    return found;
  }

  int limit() {
    return limit;
  }

  /// Connections open now.
  synchronized long count() {
    return open.keySet().stream().filter(Channel::isOpen).count();
  }

  /// Connections closed at once because there were too many.
  synchronized long rejected() {
    return rejected;
  }

  /// Connections closed at once because their source had too many.
  synchronized long rejectedOfSource() {
    return rejectedOfSource;
  }

  /// Connections closed because their time was over.
  synchronized long overdue() {
    return overdue;
  }
}
