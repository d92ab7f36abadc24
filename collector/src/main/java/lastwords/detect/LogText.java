package lastwords.detect;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import lastwords.decode.Body;
import lastwords.decode.Decoder;
import lastwords.decode.Extended;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import org.jspecify.annotations.Nullable;

/// Kernel messages from log files: consoles, `dmesg` with or without times, journal and syslog
/// exports; with `<level>`, caller ids and whatever else the kernel puts in front of a line (see
/// [LinePrefix]); the extended netconsole format and that of `/dev/kmsg`, a record a line; and
/// pstore's dumps, whose parts are put in order (see [Parts]). In UTF-8, or UTF-16 as [Utf16] knows
/// it.
///
/// Reads raw bytes in blocks. A line that the [Gate] doesn't let pass is no more than remembered
/// while nobody wants every line: of a healthy log only the last lines before trouble become
/// messages.
final class LogText {
  /// Bytes kept of one line; the rest of a longer one is dropped.
  static final int MAX_LINE_BYTES = 1 << 16;

  /// What the header of a part of a pstore dump holds.
  static final String PARTS = " Part";

  private static final int BLOCK = 1 << 20;

  /// What most reports fit in.
  private static final int FIRST_BLOCK = 1 << 15;

  /// The longest header of the extended format.
  private static final int MAX_RECORD_HEADER = 512;

  /// Bytes of a remembered line that outlive the block: more than of its text is kept.
  private static final int MAX_KEPT_BYTES = 1 << 13;

  /// What a program sends to colour a terminal and to move on it.
  private static final Pattern ESCAPES =
      Pattern.compile("\\e(?:\\[[0-9;?]{0,16}[ -/]?[@-~]|[@-Z\\\\^_])");

  private static final char ESCAPE = '\u001b';

  private final InputStream in;
  private final BooleanSupplier wantsAll;
  private final Consumer<KernelMessage> to;

  private byte[] block = new byte[FIRST_BLOCK];

  /// Bytes of the block that are read, and where its first unfinished line begins.
  private int filled;

  private int lineFrom;

  /// Where lines begin and end that were only remembered: a ring of the last [LastWords#MAX].
  private final int[] keptFrom = new int[LastWords.MAX];

  private final int[] keptTo = new int[LastWords.MAX];
  private final long[] keptNumber = new long[LastWords.MAX];
  private int kept;
  private int keptFirst;

  private long number;
  private long latestMicros;

  /// A record whose fields may follow on lines of their own, null for none.
  private @Nullable ByteArrayOutputStream record;

  private long recordNumber;
  private final Parts parts = new Parts(this::line);
  private final JournalText journal = new JournalText();

  private LogText(InputStream in, BooleanSupplier wantsAll, Consumer<KernelMessage> to) {
    this.in = in;
    this.wantsAll = wantsAll;
    this.to = to;
  }

  /// Hands over the messages of a log, in order: all lines that the [Gate] lets pass, all lines
  /// while `wantsAll`, and before each of those the last [LastWords#MAX] lines. A message's
  /// position is that of a datagram at the line's number - 1. Its receive time is the latest host's
  /// time so far, since a file has no other.
  ///
  /// @throws IOException when the file can't be read, or not to its end; the messages until there
  ///   have then been handed over
  static void read(InputStream log, BooleanSupplier wantsAll, Consumer<KernelMessage> to)
      throws IOException {
    LogText text = new LogText(Utf16.asUtf8(log), wantsAll, to);
    try {
      text.read();
    } catch (IOException e) {
      text.end();
      throw e;
    }
    text.end();
  }

  private void read() throws IOException {
    boolean more = true;
    while (more) {
      int got = in.read(block, filled, block.length - filled);
      more = got >= 0;
      filled += Math.max(0, got);
      lines();
      if (filled == block.length && filled < BLOCK) {
        block = Arrays.copyOf(block, BLOCK);
      } else if (more && filled == block.length) {
        makeRoom();
      }
    }
  }

  private void end() {
    if (lineFrom < filled) {
      whole(lineFrom, filled);
    }
    parts.end();
    flushRecord();
    message(journal.end());
  }

  /// Takes all whole lines of the block.
  private void lines() {
    int at = lineFrom;
    boolean all = isAlert();
    while (at < filled) {
      int end = all ? endOfLine(at) : Gate.scan(block, at, filled);
      boolean looked = all || (end < filled && block[end] != '\n');
      end = looked ? endOfLine(end) : end;
      if (end == filled) {
        break;
      }
      if (looked) {
        whole(at, end);
        all = isAlert();
      } else {
        keep(at, end);
      }
      at = end + 1;
    }
    lineFrom = afterZeros(at, filled);
    filled = Math.min(filled, lineFrom + MAX_LINE_BYTES);
  }

  /// A file that a machine was writing when it went down holds zeros where data was lost.
  private int afterZeros(int from, int end) {
    int at = from;
    while (at < end && block[at] == 0) {
      at++;
    }
    return at;
  }

  private boolean isAlert() {
    return record != null || parts.isOpen() || journal.isOpen() || wantsAll.getAsBoolean();
  }

  private int endOfLine(int from) {
    int at = from;
    while (at < filled && block[at] != '\n') {
      at++;
    }
    return at;
  }

  private void keep(int from, int end) {
    int at = keptFirst + kept;
    at = at >= LastWords.MAX ? at - LastWords.MAX : at;
    keptFrom[at] = from;
    keptTo[at] = end;
    keptNumber[at] = number++;
    if (kept < LastWords.MAX) {
      kept++;
    } else {
      keptFirst = keptFirst + 1 == LastWords.MAX ? 0 : keptFirst + 1;
    }
  }

  /// A line to be looked at, after those that were only remembered.
  private void whole(int from, int end) {
    for (int i = 0; i < kept; i++) {
      int at = (keptFirst + i) % LastWords.MAX;
      parts.line(bytes(keptFrom[at], keptTo[at]), keptNumber[at]);
    }
    kept = 0;
    parts.line(bytes(from, end), number++);
  }

  /// A line without its end, as far as it is read.
  private byte[] bytes(int start, int end) {
    int from = afterZeros(start, end);
    int to = end > from && block[end - 1] == '\r' ? end - 1 : end;
    return Arrays.copyOfRange(block, from, Math.min(to, from + MAX_LINE_BYTES));
  }

  /// Moves what is still needed to the beginning of the full block: remembered lines, and the line
  /// that isn't whole yet.
  private void makeRoom() {
    int to = 0;
    for (int i = 0; i < kept; i++) {
      int at = (keptFirst + i) % LastWords.MAX;
      int length = Math.min(keptTo[at] - keptFrom[at], MAX_KEPT_BYTES);
      System.arraycopy(block, keptFrom[at], block, to, length);
      keptFrom[at] = to;
      to += length;
      keptTo[at] = to;
    }
    int length = Math.min(filled - lineFrom, MAX_LINE_BYTES);
    System.arraycopy(block, lineFrom, block, to, length);
    lineFrom = to;
    filled = to + length;
  }

  private void line(byte[] line, long at) {
    if (record != null && isField(line) && record.size() + line.length < MAX_LINE_BYTES) {
      record.write('\n');
      record.writeBytes(line);
      return;
    }
    flushRecord();
    if (journal.takes(line, at)) {
      message(journal.entry());
    } else if (isRecord(line)) {
      record = new ByteArrayOutputStream();
      record.writeBytes(line);
      recordNumber = at;
    } else {
      to.accept(console(text(line), at));
    }
  }

  private void flushRecord() {
    if (record == null) {
      return;
    }
    byte[] whole = record.toByteArray();
    record = null;
    to.accept(
        Decoder.decode(whole) instanceof Extended extended
            ? extended(extended, recordNumber)
            : console(text(whole), recordNumber));
  }

  private void message(JournalText.@Nullable Entry entry) {
    if (entry == null) {
      return;
    }
    latestMicros = Math.max(latestMicros, entry.uptimeMicros());
    for (String line : entry.text().lines().toList()) {
      LinePrefix prefix = LinePrefix.of(line);
      to.accept(
          message(
              entry.line(),
              entry.host(),
              entry.facility(),
              entry.severity(),
              Math.max(entry.uptimeMicros(), prefix.uptimeMicros),
              prefix.caller,
              -1,
              prefix.text));
    }
  }

  /// ` KEY=value`, as it follows a record.
  private static boolean isField(byte[] line) {
    int at = 1;
    while (at < line.length && (Character.isLetterOrDigit(line[at]) || line[at] == '_')) {
      at++;
    }
    return at > 1 && at < line.length && line[0] == ' ' && line[at] == '=';
  }

  /// Whether a line is a record of the extended format: cheaply no for nearly all that isn't.
  private static boolean isRecord(byte[] line) {
    int commas = 0;
    for (int i = 0; i < line.length && i < MAX_RECORD_HEADER; i++) {
      byte c = line[i];
      if (c == ';') {
        return commas >= 3 && Decoder.decode(line) instanceof Extended;
      }
      if (c == ' ' || c == '[' || c == '\t') {
        return false;
      }
      commas += c == ',' ? 1 : 0;
    }
    return false;
  }

  /// As UTF-8 where it is; else each odd byte as `\xHH`. Without what would colour a terminal.
  private static String text(byte[] line) {
    String text = decoded(line);
    return text.indexOf(ESCAPE) < 0 ? text : ESCAPES.matcher(text).replaceAll("");
  }

  private static String decoded(byte[] line) {
    int plain = 0;
    while (plain < line.length && line[plain] >= 0) {
      plain++;
    }
    if (plain == line.length) {
      return new String(line, StandardCharsets.ISO_8859_1);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    } catch (CharacterCodingException notUtf8) {
      StringBuilder text = new StringBuilder(line.length + 16);
      for (byte b : line) {
        if (b < 0) {
          text.append(String.format("\\x%02x", b & 0xff));
        } else {
          text.append((char) b);
        }
      }
      return text.toString();
    }
  }

  /// A record of the extended netconsole format; a piece of one is taken as it is.
  private KernelMessage extended(Extended record, long at) {
    Body body = record.body();
    latestMicros = Math.max(latestMicros, record.uptimeMicros());
    return new KernelMessage(
        Position.of(at, 0),
        latestMicros,
        "",
        "",
        "",
        record.facility(),
        record.severity(),
        record.sequence(),
        record.uptimeMicros(),
        record.caller(),
        body.cpu(),
        body.task(),
        record.release() == null ? body.release() : record.release(),
        body.text(),
        body.dictionary(),
        body.userdata());
  }

  private KernelMessage console(String line, long at) {
    LinePrefix prefix = LinePrefix.of(line);
    return message(
        at,
        prefix.host,
        prefix.facility,
        prefix.severity,
        prefix.uptimeMicros,
        prefix.caller,
        prefix.cpu,
        prefix.text);
  }

  private KernelMessage message(
      long at,
      String host,
      int facility,
      int severity,
      long uptimeMicros,
      @Nullable String caller,
      int cpu,
      String text) {
    latestMicros = Math.max(latestMicros, uptimeMicros);
    return new KernelMessage(
        Position.of(at, 0),
        latestMicros,
        host,
        "",
        "",
        facility,
        severity,
        -1,
        uptimeMicros,
        caller,
        cpu,
        null,
        null,
        text,
        Map.of(),
        Map.of());
  }
}
