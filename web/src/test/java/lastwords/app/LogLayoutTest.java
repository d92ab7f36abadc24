package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLayoutTest {
  private final LoggerContext context = new LoggerContext();

  @Test
  void everyLineForTheJournalHasItsPriorityAndNoTime() {
    String text = line(true, Level.ERROR, new IOException("the disk is gone"));

    assertThat(text).startsWith("<3>Server: it failed\n<3>java.io.IOException: the disk is gone\n");
    assertThat(text.lines()).allMatch(line -> line.startsWith("<3>"));
    assertThat(line(true, Level.WARN, null)).isEqualTo("<4>Server: it failed\n");
    assertThat(line(true, Level.INFO, null)).isEqualTo("<6>Server: it failed\n");
    assertThat(line(true, Level.DEBUG, null)).isEqualTo("<7>Server: it failed\n");
  }

  @Test
  void peopleSeeTimeAndLevel() {
    assertThat(line(false, Level.WARN, null)).matches("....-..-..T.*Z WARN  Server: it failed\n");
  }

  @Test
  void whatOthersSentMakesNoLineOfItsOwnAndDrivesNoTerminal() {
    String sent = "a\nERROR Server: forged\r\u001b[2J\u009b2J\u202eb\u2028c\t\u00e9";

    assertThat(line(true, Level.WARN, null, sent))
        .isEqualTo("<4>Server: a ERROR Server: forged \\x1b[2J\\x9b2J\\u202eb\\u2028c\t\u00e9\n");
    assertThat(line(false, Level.WARN, null, sent).lines()).hasSize(1);
    assertThat(line(true, Level.WARN, new IOException("\u001b[2J"), "it failed"))
        .contains("IOException: \\x1b[2J");
  }

  private String line(boolean toJournal, Level level, @Nullable Throwable why) {
    return line(toJournal, level, why, "it failed");
  }

  private String line(boolean toJournal, Level level, @Nullable Throwable why, String message) {
    LogLayout layout = new LogLayout(toJournal);
    layout.setContext(context);
    layout.start();
    return layout.doLayout(
        new LoggingEvent("", context.getLogger("lastwords.app.Server"), level, message, why, null));
  }

  @Test
  void onlyTheStreamThatTheJournalNamedIsTheJournals(@TempDir Path folder) throws IOException {
    Path stream = Files.createFile(folder.resolve("stream"));
    Map<String, Object> is = Files.readAttributes(stream, "unix:dev,ino");
    String name = is.get("dev") + ":" + is.get("ino");

    assertThat(LogLayout.goesToJournal(Map.of("JOURNAL_STREAM", name), stream)).isTrue();
    assertThat(LogLayout.goesToJournal(Map.of("JOURNAL_STREAM", "8:1"), stream)).isFalse();
    assertThat(LogLayout.goesToJournal(Map.of(), stream)).isFalse();
    assertThat(LogLayout.goesToJournal(Map.of("JOURNAL_STREAM", name), folder.resolve("none")))
        .isFalse();
  }
}
