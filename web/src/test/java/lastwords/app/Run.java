package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;

/// A command that was run, and what came of it.
@SuppressWarnings("ArrayRecordComponent") // never compared
record Run(int status, byte[] bytes, String err) {

  static Run of(String... arguments) {
    return withInput("", arguments);
  }

  static Run withInput(String input, String... arguments) {
    return run(input, false, Integer.MAX_VALUE, arguments);
  }

  /// On a terminal of that width, with colours.
  static Run onTerminal(int width, String input, String... arguments) {
    return run(input, true, width, arguments);
  }

  private static Run run(String input, boolean colors, int width, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Main.run(
            new Terminal(
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                colors,
                width),
            arguments);
    return new Run(status, out.toByteArray(), err.toString(UTF_8));
  }

  String out() {
    return new String(bytes, UTF_8);
  }
}
