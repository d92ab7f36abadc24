package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import lastwords.kernel.Visible;
import picocli.CommandLine.Model.UsageMessageSpec;

/// Where a command reads and writes.
///
/// What kernels say may hold anything, also what would drive a terminal. All text from outside goes
/// through [#safe], [#safeLines] or [#json] before it is printed.
///
/// @param colors whether `out` shows colours
/// @param width characters on a line; without a terminal there is no end to it
record Terminal(PrintStream out, PrintStream err, InputStream in, boolean colors, int width) {
  private static final int ENDLESS = Integer.MAX_VALUE;

  /// This process's own. What is shown is decided by standard output alone, so that a log may come
  /// through a pipe.
  static Terminal system() {
    boolean shown = isTerminal();
    return new Terminal(
        utf8(FileDescriptor.out),
        utf8(FileDescriptor.err),
        System.in,
        shown && wantsColors(System.getenv()),
        shown ? new UsageMessageSpec().autoWidth(true).width() : ENDLESS);
  }

  /// As <https://no-color.org> has it.
  static boolean wantsColors(Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }

  /// The JDK's console is one only where standard input is a terminal too.
  @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again where none is there
  private static boolean isTerminal() {
    try {
      String file = standardOutput();
      return file.startsWith("/dev/pts/")
          || file.startsWith("/dev/tty")
          || file.equals("/dev/console");
    } catch (IOException e) {
      Console console = System.console();
      return console != null && console.isTerminal();
    }
  }

  /// Whether standard output goes to another program, which may end before all is said.
  static boolean isPipe() {
    try {
      String file = standardOutput();
      return file.startsWith("pipe:") || file.startsWith("socket:");
    } catch (IOException e) {
      return false;
    }
  }

  private static String standardOutput() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
  }

  private static PrintStream utf8(FileDescriptor to) {
    return new PrintStream(new FileOutputStream(to), true, StandardCharsets.UTF_8);
  }

  /// The text on one line, with everything that isn't plainly visible in hex, as `\x1b`.
  static String safe(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints().forEach(c -> Visible.append(safe, c));
    return safe.toString();
  }

  /// As [#safe], but line ends stay and tabs become blanks.
  static String safeLines(String text) {
    return String.join("\n", text.replace("\t", "    ").lines().map(Terminal::safe).toList());
  }

  /// Prints a JSON value on one line.
  void json(JsonNode value) {
    out.println(asJson(value));
  }

  /// A JSON value on one line. What isn't plainly visible is escaped too, where JSON would allow it
  /// as it is: control characters, and what turns the direction of writing.
  static String asJson(JsonNode value) {
    StringBuilder line = new StringBuilder();
    value
        .toString()
        .codePoints()
        .forEach(
            c -> {
              if (c < 0x7f || Visible.is(c)) {
                line.appendCodePoint(c);
              } else {
                Character.toString(c)
                    .chars()
                    .forEach(half -> line.append("\\u%04x".formatted(half)));
              }
            });
    return line.toString();
  }

  /// Whether nobody reads what is printed any more, as with `lastwords tail | head`.
  boolean isGone() {
    return out.checkError();
  }

  String bold(String text) {
    return colored("1", text);
  }

  String faint(String text) {
    return colored("2", text);
  }

  String red(String text) {
    return colored("31", text);
  }

  String yellow(String text) {
    return colored("33", text);
  }

  private String colored(String how, String text) {
    return colors ? "\033[" + how + "m" + text + "\033[0m" : text;
  }
}
