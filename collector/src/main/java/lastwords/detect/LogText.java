package lastwords.detect;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.decode.Body;
import lastwords.decode.Decoded;
import lastwords.decode.Decoder;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;

/// Kernel messages from log files: consoles, `dmesg` with or without times, journal and syslog
/// exports; with `<level>`, caller ids and whatever else the kernel puts in front of a line; and
/// the extended netconsole format, a record a line.
public final class LogText {
  /// Bytes kept of one line; the rest of a longer one is dropped.
  static final int MAX_LINE_BYTES = 1 << 16;

  private static final String TIME = "\\[ *(?<seconds>[0-9]{1,9})\\.(?<micros>[0-9]{6})\\]";
  private static final String CALLER = "(?:\\[ *(?<caller>[CT][0-9]{1,10})(?:@C[0-9]+)?\\])?";

  /// What may stand before a kernel's line on a console.
  private static final Pattern CONSOLE =
      Pattern.compile(
          "^(?:\\*\\* [0-9]+ printk messages dropped \\*\\* ?|.{0,80}? login: )?(?:<(?<level>[0-9]{1,3})>)?(?:"
              + TIME
              + "|\\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} [0-9]{4}\\])?"
              + CALLER
              + "(?<blank> ?)");

  /// `Jan 2 03:04:05 host kernel: ` and `2026-01-02T03:04:05+00:00 host kernel: `.
  private static final Pattern SYSLOG =
      Pattern.compile(
          "^(?:<[0-9]{1,3}>)?(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}(?:\\.[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}\\S*)(?: (?<host>[^\\s:\\[]{1,255}))? (?<tag>[^\\s:]{1,128}): ?");

  /// A syslog line without a program's name in it still is the kernel's when its tag is this.
  private static final Pattern KERNEL_TAG =
      Pattern.compile("^(?:kernel|vmunix|klogd|logger)(?:\\[[0-9]+\\])?$");

  private static final int USER_FACILITY = 1;

  private LogText() {}

  /// Hands over the message of each line, in order. A message's position is that of a datagram at
  /// the line's number - 1. Its receive time is the latest host's time so far, since a file has no
  /// other.
  ///
  /// @throws IOException when the file can't be read
  public static void read(InputStream log, Consumer<KernelMessage> to) throws IOException {
    BufferedInputStream in = new BufferedInputStream(log, 1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    long number = 0;
    long latest = 0;
    int next;
    do {
      next = in.read();
      if (next != '\n' && next >= 0) {
        if (line.size() < MAX_LINE_BYTES) {
          line.write(next);
        }
        continue;
      }
      if (next >= 0 || line.size() > 0) {
        KernelMessage message = message(line.toByteArray(), number++, latest);
        latest = message.receivedAtMicros();
        to.accept(message);
        line.reset();
      }
    } while (next >= 0);
  }

  /// As UTF-8 where it is; else each odd byte as `\xHH`.
  private static String text(byte[] line) {
    int length = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(line, 0, length))
          .toString();
    } catch (CharacterCodingException notUtf8) {
      StringBuilder text = new StringBuilder(length + 16);
      for (int i = 0; i < length; i++) {
        if (line[i] < 0) {
          text.append(String.format("\\x%02x", line[i] & 0xff));
        } else {
          text.append((char) line[i]);
        }
      }
      return text.toString();
    }
  }

  private static KernelMessage message(byte[] line, long offset, long latest) {
    return Decoder.decode(line) instanceof Decoded.Extended record
        ? extended(record, offset, latest)
        : console(text(line), offset, latest);
  }

  /// A line of the extended netconsole format; a piece of a record is taken as it is.
  private static KernelMessage extended(Decoded.Extended record, long offset, long latest) {
    Body body = Body.parse(record.body());
    return new KernelMessage(
        Position.of(offset, 0),
        Math.max(latest, record.uptimeMicros()),
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

  private static KernelMessage console(String line, long offset, long latest) {
    int facility = -1;
    String rest = line;
    String host = "";
    Matcher syslog = SYSLOG.matcher(line);
    if (syslog.find()) {
      host = syslog.group("host") == null ? "" : syslog.group("host");
      rest = line.substring(syslog.end());
      facility = KERNEL_TAG.matcher(syslog.group("tag")).find() ? 0 : USER_FACILITY;
    } else if (line.startsWith("kernel: ")) {
      rest = line.substring("kernel: ".length());
    }
    Matcher console = CONSOLE.matcher(rest);
    if (!console.find()) {
      throw new IllegalStateException("the prefix may be empty");
    }
    Integer level = FrameText.number(console.group("level"), 10);
    if (level != null && facility < 0) {
      facility = level >> 3;
    }
    long uptime = uptime(console);
    String text = rest.substring(console.end() > 1 ? console.end() : 0);
    return new KernelMessage(
        Position.of(offset, 0),
        Math.max(latest, uptime),
        host,
        "",
        "",
        facility,
        level == null ? -1 : level & 7,
        -1,
        uptime,
        console.group("caller"),
        -1,
        null,
        null,
        text,
        Map.of(),
        Map.of());
  }

  private static long uptime(Matcher console) {
    String seconds = console.group("seconds");
    return seconds == null
        ? -1
        : Long.parseLong(seconds) * 1_000_000 + Long.parseLong(console.group("micros"));
  }
}
