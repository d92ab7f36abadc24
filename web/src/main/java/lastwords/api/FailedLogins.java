package lastwords.api;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Wrong tokens by source address, and whether a source may present another one now.
///
/// A source is an IPv4 address or the /64 of an IPv6 one. Each has [#PER_SOURCE] wrong tokens a
/// minute, all together [#IN_TOTAL]; once those are used up, a source has one. A source that has
/// used up its own is rejected without a comparison until [#MINUTE_MICROS] after its first wrong
/// one; other sources are not affected. At most [#MAX_SOURCES] are kept, the least recently seen is
/// dropped for another: about 1 MB.
///
/// Safe for any number of threads.
final class FailedLogins {
  private static final Logger LOG = LoggerFactory.getLogger(FailedLogins.class);

  /// A person mistypes less often.
  static final int PER_SOURCE = 10;

  /// More than a fleet's robots with a stale token cause when each backs off.
  static final int IN_TOTAL = 300;

  static final int MAX_SOURCES = 4_096;
  static final long MINUTE_MICROS = 60_000_000;

  private static final int IPV6_NETWORK_BYTES = 8;

  private static final class Count {
    private long sinceMicros;
    private int wrong;

    Count(long sinceMicros) {
      this.sinceMicros = sinceMicros;
    }

    int at(long micros) {
      if (micros - sinceMicros >= MINUTE_MICROS || micros < sinceMicros) {
        sinceMicros = micros;
        wrong = 0;
      }
      return wrong;
    }
  }

  private final InstantSource clock;
  private final Map<String, Count> sources =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
          return size() > MAX_SOURCES;
        }
      };
  private final Count all = new Count(0);
  private long failures;
  private long rejected;
  private long loggedMicros = Long.MIN_VALUE;
  private long logged;

  FailedLogins(InstantSource clock) {
    this.clock = clock;
  }

  /// Whether a token of that source may be compared now; counts it as rejected when not.
  synchronized boolean mayTry(InetAddress source) {
    long now = micros();
    Count count = sources.get(network(source));
    int allowed = all.at(now) >= IN_TOTAL ? 1 : PER_SOURCE;
    if (count == null || count.at(now) < allowed) {
      return true;
    }
    rejected++;
    return false;
  }

  /// Counts a wrong token, and logs at most one line a minute.
  synchronized void failed(InetAddress source) {
    long now = micros();
    failures++;
    all.at(now);
    all.wrong++;
    Count count = sources.computeIfAbsent(network(source), any -> new Count(now));
    count.at(now);
    count.wrong++;
    if (loggedMicros == Long.MIN_VALUE || now - loggedMicros >= MINUTE_MICROS) {
      LOG.warn(
          "rejected {} wrong tokens since the last such line, {} since the start, the last from {}",
          failures - logged,
          failures,
          source.getHostAddress());
      loggedMicros = now;
      logged = failures;
    }
  }

  /// Wrong tokens since the start.
  synchronized long failures() {
    return failures;
  }

  /// Requests rejected without a comparison since the start.
  synchronized long rejected() {
    return rejected;
  }

  synchronized int sources() {
    return sources.size();
  }

  private long micros() {
    return lastwords.json.Json.micros(clock.instant());
  }

  /// What one sender can't easily have many of.
  static String network(InetAddress source) {
    byte[] address = source.getAddress();
    return HexFormat.of()
        .formatHex(
            source instanceof Inet6Address ? Arrays.copyOf(address, IPV6_NETWORK_BYTES) : address);
  }
}
