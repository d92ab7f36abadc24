package lastwords.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import lastwords.kernel.Visible;

/// A line of the program's own log: with time and level for people, or as systemd's journal wants
/// it. The journal keeps the time itself, and takes the priority from a prefix of each line
/// (`sd-daemon(3)`), so that `journalctl -p warning` works. What others sent can't make a line of
/// its own, nor drive a terminal: a message is one line, and what isn't visible reads in hex.
public final class LogLayout extends LayoutBase<ILoggingEvent> {
  private static final String MESSAGE = "%replace(%msg){'[\\r\\n]+', ' '}%n%ex";
  private static final String FOR_PEOPLE =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %logger{0}: " + MESSAGE;
  private static final String FOR_THE_JOURNAL = "%logger{0}: " + MESSAGE;

  private final PatternLayout pattern = new PatternLayout();
  private final boolean toJournal;

  /// Used by logback.xml.
  public LogLayout() {
    this(goesToJournal(System.getenv(), Path.of("/proc/self/fd/2")));
  }

  LogLayout(boolean toJournal) {
    this.toJournal = toJournal;
  }

  /// Whether a stream is the journal's: `JOURNAL_STREAM` is inherited by whatever a service starts,
  /// so that only one that names this very stream counts.
  static boolean goesToJournal(Map<String, String> environment, Path stream) {
    String journal = environment.getOrDefault("JOURNAL_STREAM", "");
    if (journal.isEmpty()) {
      return false;
    }
    try {
      Map<String, Object> file = Files.readAttributes(stream, "unix:dev,ino");
      return journal.equals(file.get("dev") + ":" + file.get("ino"));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  @Override
  public void start() {
    pattern.setContext(getContext());
    pattern.setPattern(toJournal ? FOR_THE_JOURNAL : FOR_PEOPLE);
    pattern.start();
    super.start();
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    String text = Visible.text(pattern.doLayout(event));
    if (!toJournal) {
      return text;
    }
    String prefix = "<" + priority(event.getLevel()) + ">";
    return text.lines().collect(Collectors.joining("\n" + prefix, prefix, "\n"));
  }

  /// As in `syslog(3)`.
  private static int priority(Level level) {
    if (level.isGreaterOrEqual(Level.ERROR)) {
      return 3;
    }
    if (level.isGreaterOrEqual(Level.WARN)) {
      return 4;
    }
    return level.isGreaterOrEqual(Level.INFO) ? 6 : 7;
  }
}
