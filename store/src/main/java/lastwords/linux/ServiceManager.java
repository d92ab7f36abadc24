package lastwords.linux;

import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The service manager that started this process, mostly systemd: what `sd_notify(3)` tells it.
///
/// Where none started it, nothing is told. A message that can't be sent is one line in the log and
/// never an exception: a server must not stop because nobody listens. Safe for any thread.
public final class ServiceManager {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

  private final @Nullable String socket;
  private final @Nullable Duration watchdog;
  private final AtomicBoolean failureSaid = new AtomicBoolean();

  private ServiceManager(@Nullable String socket, @Nullable Duration watchdog) {
    this.socket = socket;
    this.watchdog = watchdog;
  }

  /// The one that the environment names: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
  public static ServiceManager of(Map<String, String> environment) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    return new ServiceManager(socket.isEmpty() ? null : socket, watchdog(environment));
  }

  private static @Nullable Duration watchdog(Map<String, String> environment) {
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    String pid = environment.getOrDefault("WATCHDOG_PID", "");
    boolean isOurs = pid.isEmpty() || pid.equals(Long.toString(ProcessHandle.current().pid()));
    return isOurs && micros.matches("[1-9]\\d{0,17}")
        ? Duration.of(Long.parseLong(micros), ChronoUnit.MICROS)
        : null;
  }

  /// Whether there is one.
  public boolean isThere() {
    return socket != null;
  }

  /// After so long without [#alive] it ends this process; empty when it watches nothing.
  public Optional<Duration> watchdog() {
    return Optional.ofNullable(watchdog);
  }

  /// The start is over.
  public void ready() {
    tell("READY=1");
  }

  /// What an operator sees in `systemctl status`; one line.
  public void status(String text) {
    tell("STATUS=" + text.replace('\n', ' '));
  }

  /// The process still does its work; see [#watchdog].
  public void alive() {
    tell("WATCHDOG=1");
  }

  /// The process is going to end.
  public void stopping() {
    tell("STOPPING=1");
  }

  private void tell(String message) {
    if (socket == null) {
      return;
    }
    try {
      UnixDatagrams.send(socket, message);
      failureSaid.set(false);
    } catch (IOException e) {
      if (!failureSaid.getAndSet(true)) {
        LOG.warn("the service manager can't be told {}: {}", message, e.getMessage());
      }
    }
  }
}
