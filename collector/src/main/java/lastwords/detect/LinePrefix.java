package lastwords.detect;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What stands before a kernel's text in a line of a log file, and where the text begins.
///
/// Recognised by hand and from the left, so that a line costs no more than its prefix is long: the
/// stamps of syslog, journal and `dmesg` in their formats, then what printk itself puts in front
/// (`<level>`, time, caller), as the mainline, Android and vendors write it. Serial consoles mix in
/// prompts and other output of programs: where the kernel's time stands inside of a line, the
/// kernel's text begins there.
final class LinePrefix {
  static final int USER_FACILITY = 1;

  /// How far into a line the kernel's own text may begin behind what a program left there.
  private static final int MIXED_WITHIN = 200;

  private static final String PROMPT = "login: ";
  private static final int PROMPT_WITHIN = 90;
  private static final int MAX_WORD = 255;

  /// A line of syslog is the kernel's when its tag is one of these.
  private static final Set<String> KERNEL_TAGS = Set.of("kernel", "vmunix", "klogd");

  private static final Set<String> DAYS = Set.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");

  private static final Set<String> FACILITIES =
      Set.of(
          "user",
          "mail",
          "daemon",
          "auth",
          "syslog",
          "lpr",
          "news",
          "uucp",
          "cron",
          "authpriv",
          "ftp",
          "local0",
          "local1",
          "local2",
          "local3",
          "local4",
          "local5",
          "local6",
          "local7");

  private static final Set<String> SEVERITIES =
      Set.of(
          "emerg", "panic", "alert", "crit", "err", "error", "warning", "warn", "notice", "info",
          "debug");

  /// The host that a syslog line names, "" for none.
  String host = "";

  /// 0 the kernel, [#USER_FACILITY] or another a program, -1 unknown.
  int facility = -1;

  int severity = -1;
  long uptimeMicros = -1;
  @Nullable String caller;
  int cpu = -1;

  /// What follows the prefix.
  String text = "";

  private final String line;
  private int at;

  private LinePrefix(String line) {
    this.line = line;
  }

  /// Never fails: a line without any prefix is all text.
  static LinePrefix of(String line) {
    LinePrefix prefix = new LinePrefix(line);
    prefix.read();
    return prefix;
  }

  private void read() {
    while (peek() == '\r') {
      at++;
    }
    if (!syslog() && line.startsWith("kernel: ", at)) {
      at += "kernel: ".length();
    }
    domain();
    decoded();
    dropped();
    int before = at;
    level();
    boolean stamped = time();
    if (!stamped && at == before && mixed()) {
      level();
      stamped = time();
    }
    callers(stamped);
    text = line.substring(at);
    if (facility < 0 && isTagged(text)) {
      facility = USER_FACILITY;
    }
  }

  /// Whether a program's name and number stand in front of a text: `sshd[123]: …`. The kernel
  /// itself writes so only of a program that died.
  private static boolean isTagged(String text) {
    int open = text.indexOf('[');
    if (open < 1 || open > 64 || open + 1 >= text.length()) {
      return false;
    }
    for (int i = 0; i < open; i++) {
      char c = text.charAt(i);
      if (!isWord(c) && c != '-' && c != '.' && c != '@' && c != '/') {
        return false;
      }
    }
    int close = digits(text, open + 1);
    if (close == open + 1 || !text.startsWith("]: ", close)) {
      return false;
    }
    Row row = Table.find(text);
    return row == null || row.category() != lastwords.kernel.Category.USERSPACE;
  }

  /// `Jan 2 03:04:05 host kernel: ` and what else stamps with a date or the seconds since 1970.
  private boolean syslog() {
    int start = at;
    if (bracketedDate()) {
      toText();
      return true;
    }
    if (logcat()) {
      return true;
    }
    int priority = priority();
    boolean rfc5424 = priority >= 0 && line.startsWith("1 ", at);
    at = rfc5424 ? at + 2 : at;
    int dateFrom = at;
    if (!date()) {
      at = start;
      return shortMonotonic();
    }
    if (rfc5424) {
      return rfc5424();
    }
    boolean ofDmesg = line.lastIndexOf(',', at) > dateFrom;
    if (ofDmesg || peek() != ' ' || !tagged(isUpper(line.charAt(dateFrom)))) {
      toText();
    }
    return true;
  }

  /// Behind a date that no host and tag follow.
  private void toText() {
    int start = at;
    while (peek() == ' ' || peek() == '\t') {
      at++;
    }
    boolean more = isDigit(peek(1)) || (peek() == '[' && peek(1) == ' ');
    if (!more || (peek() != '[' && peek() != '<')) {
      at = Math.min(at, start + 1);
    }
  }

  /// ` host kernel: `, ` kernel: `; false where neither is there.
  ///
  /// @param anyTag whether a single word is a tag whatever it is
  private boolean tagged(boolean anyTag) {
    int first = at + 1;
    int end = word(first);
    String word = line.substring(first, end);
    String named = "";
    if (!word.endsWith(":")) {
      if (end == first || end >= line.length() || word.indexOf('[') >= 0) {
        return false;
      }
      named = isSelector(word) ? "" : word;
      for (int i = 0; i < 2 && (i == 0 || isSelector(word)); i++) {
        int next = end + 1;
        end = word(next);
        word = line.substring(Math.min(next, end), end);
      }
    } else if (!anyTag && !isProcess(word)) {
      return false;
    }
    if (!word.endsWith(":") || word.length() < 2) {
      return false;
    }
    host = named;
    facility = KERNEL_TAGS.contains(process(word)) ? 0 : USER_FACILITY;
    at = end;
    if (peek() == ' ') {
      at++;
    }
    return true;
  }

  /// `kern.alert`, as BusyBox writes it.
  private static boolean isSelector(String word) {
    int dot = word.indexOf('.');
    return dot > 0
        && SEVERITIES.contains(word.substring(dot + 1))
        && (word.startsWith("kern.") || FACILITIES.contains(word.substring(0, dot)));
  }

  /// `01-02 03:04:05.678 123 456 E tag : text`, as Android's `logcat` writes it.
  private boolean logcat() {
    if (!isDigit(peek())
        || !isDigit(peek(1))
        || peek(2) != '-'
        || digits(line, at + 3) != at + 5
        || peek(5) != ' '
        || !isClock(at + 6)
        || peek(14) != '.') {
      return false;
    }
    int number = blanks(digits(line, at + 15));
    int second = blanks(digits(line, number));
    int letter = blanks(digits(line, second));
    int colon = line.indexOf(": ", letter);
    if (number == digits(line, number)
        || second == digits(line, second)
        || letter + 2 >= line.length()
        || !isUpper(line.charAt(letter))
        || line.charAt(letter + 1) != ' '
        || colon < 0
        || colon - letter > MAX_WORD) {
      return false;
    }
    String tag = line.substring(Math.min(letter + 2, colon), colon).strip();
    facility = tag.equalsIgnoreCase("kernel") ? 0 : USER_FACILITY;
    at = colon + 2;
    return true;
  }

  /// Without a host a first word may be the kernel's own, as in `usb: …`: that of a process has its
  /// number.
  private static boolean isProcess(String word) {
    return KERNEL_TAGS.contains(process(word)) || word.endsWith("]:");
  }

  /// `name` of `name:` and `name[123]:`.
  private static String process(String word) {
    int bracket = word.indexOf('[');
    return word.substring(0, bracket < 0 ? word.length() - 1 : bracket);
  }

  /// ` host kernel - - - text` after version and date.
  private boolean rfc5424() {
    String[] fields = new String[5];
    for (int i = 0; i < fields.length; i++) {
      if (peek() != ' ') {
        return false;
      }
      int end = word(at + 1);
      fields[i] = line.substring(at + 1, end);
      at = end;
      if (i == fields.length - 1 && fields[i].startsWith("[")) {
        int close = line.indexOf("] ", at);
        at = close < 0 ? line.length() : close + 1;
      }
    }
    host = fields[0].equals("-") ? "" : fields[0];
    facility = KERNEL_TAGS.contains(fields[1]) ? 0 : USER_FACILITY;
    if (peek() == ' ') {
      at++;
    }
    return true;
  }

  /// `journalctl -o short-monotonic`: the kernel's own stamp, then host and tag.
  private boolean shortMonotonic() {
    int start = at;
    if (peek() == '[' && time() && peek() == ' ') {
      int second = word(at + 1) + 1;
      String tag = second < line.length() ? line.substring(second, word(second)) : "";
      if (tag.endsWith(":") && tag.length() > 1 && isProcess(tag) && tagged(false)) {
        return true;
      }
    }
    at = start;
    uptimeMicros = -1;
    cpu = -1;
    return false;
  }

  /// `Jan 2 03:04:05`, `2026-01-02T03:04:05.678+00:00`, `Fri 2026-01-02 03:04:05 UTC`, `Fri Jan 2
  /// 03:04:05 2026`, `1767322245.123456`.
  private boolean date() {
    int start = at;
    if (isDay(at) && peek(3) == ' ') {
      at += 4;
      if (isoDate()) {
        if (peek() == ' ' && isUpper(peek(1)) && isUpper(peek(2))) {
          at = word(at + 1);
        }
        return true;
      }
      if (monthDate() && peek() == ' ' && digits(line, at + 1) == at + 5 && peek(5) == ' ') {
        at += 5;
        return true;
      }
      at = start;
    }
    return monthDate() || isoDate() || unixDate();
  }

  private boolean monthDate() {
    if (!isUpper(peek()) || !isLower(peek(1)) || !isLower(peek(2)) || peek(3) != ' ') {
      return false;
    }
    boolean day = (peek(4) == ' ' || isDigit(peek(4))) && isDigit(peek(5)) && peek(6) == ' ';
    if (!day || !isClock(at + 7)) {
      return false;
    }
    at += 15;
    fraction();
    return true;
  }

  private boolean isoDate() {
    int end = digits(line, at);
    if (end - at != 4 || peek(4) != '-' || peek(7) != '-') {
      return false;
    }
    if ((peek(10) != 'T' && peek(10) != ' ') || !isClock(at + 11)) {
      return false;
    }
    at += 19;
    fraction();
    if (peek() == 'Z') {
      at++;
    } else if (peek() == '+' || peek() == '-') {
      at++;
      while (isDigit(peek()) || peek() == ':') {
        at++;
      }
    }
    return true;
  }

  /// Nine digits or more, a dot, and six more.
  private boolean unixDate() {
    int dot = digits(line, at);
    if (dot - at < 9 || dot - at > 11 || dot >= line.length() || line.charAt(dot) != '.') {
      return false;
    }
    int end = digits(line, dot + 1);
    if (end - dot != 7 || end >= line.length() || line.charAt(end) != ' ') {
      return false;
    }
    at = end;
    return true;
  }

  /// `[Fri Jan 2 03:04:05 2026]`, with ` < 0.000012>` after it, `[2026-01-02 03:04:05]`, `[Jan 2
  /// 03:04]`, `[ +0.000012]`.
  private boolean bracketedDate() {
    if (peek() != '[') {
      return false;
    }
    int close = line.indexOf(']', at);
    if (close < 0 || close - at > 48) {
      return false;
    }
    String inside = line.substring(at + 1, close);
    int colon = inside.indexOf(':');
    boolean clock =
        colon > 1 && isDigit(inside.charAt(colon - 1)) && isDigit(inside.charAt(colon - 2));
    boolean ago = inside.strip().startsWith("+") && colon < 0;
    if (!ago && (!clock || (!isUpper(inside.charAt(0)) && !isDigit(inside.charAt(0))))) {
      return false;
    }
    at = close + 1;
    return true;
  }

  private void fraction() {
    if ((peek() == '.' || peek() == ',') && isDigit(peek(1))) {
      at = digits(line, at + 1);
    }
  }

  private boolean isClock(int from) {
    return from + 8 <= line.length()
        && isDigit(line.charAt(from))
        && isDigit(line.charAt(from + 1))
        && line.charAt(from + 2) == ':'
        && isDigit(line.charAt(from + 3))
        && isDigit(line.charAt(from + 4))
        && line.charAt(from + 5) == ':'
        && isDigit(line.charAt(from + 6))
        && isDigit(line.charAt(from + 7));
  }

  /// `(d3) `: what a Xen guest said.
  private void domain() {
    if (peek() == '(' && peek(1) == 'd' && isDigit(peek(2))) {
      int end = digits(line, at + 2);
      if (line.startsWith(") ", end)) {
        at = end + 2;
      }
    }
  }

  /// `kern :info : `, as `dmesg -x` writes it.
  private void decoded() {
    int colon = line.indexOf(':', at);
    if (colon != at + 6 && colon != at + 8) {
      return;
    }
    String name = line.substring(at, colon).strip();
    int second = line.indexOf(':', colon + 1);
    boolean kernel = name.equals("kern");
    if ((!kernel && !FACILITIES.contains(name)) || second < 0 || second - colon > 8) {
      return;
    }
    facility = kernel ? 0 : USER_FACILITY;
    at = second + 1;
    if (peek() == ' ') {
      at++;
    }
  }

  /// `** 12 printk messages dropped ** `, unless that is all.
  private void dropped() {
    if (line.startsWith("** ", at)) {
      int end = digits(line, at + 3);
      String rest = " printk messages dropped **";
      if (end > at + 3
          && line.startsWith(rest, end)
          && blanks(end + rest.length()) < line.length()) {
        at = end + rest.length();
        if (peek() == ' ') {
          at++;
        }
      }
    }
  }

  /// Goes to where the kernel's text begins behind something else; false where it doesn't.
  private boolean mixed() {
    int prompt = line.indexOf(PROMPT, at);
    if (prompt >= 0 && prompt - at < PROMPT_WITHIN) {
      at = prompt + PROMPT.length();
      return true;
    }
    int limit = Math.min(line.length(), at + MIXED_WITHIN);
    for (int i = line.indexOf('[', at); i >= 0 && i < limit; i = line.indexOf('[', i + 1)) {
      int dot = digits(line, blanks(i + 1));
      if (dot < line.length() && line.charAt(dot) == '.' && dot > i + 1) {
        int end = digits(line, dot + 1);
        if (end - dot == 7 && end < line.length() && line.charAt(end) == ']') {
          at = i;
          return true;
        }
      }
    }
    return false;
  }

  private void level() {
    int priority = priority();
    if (priority >= 0) {
      severity = priority & 7;
      facility = facility < 0 ? priority >> 3 : facility;
    }
  }

  private int priority() {
    if (peek() != '<') {
      return -1;
    }
    int end = digits(line, at + 1);
    if (end == at + 1 || end - at > 4 || end >= line.length() || line.charAt(end) != '>') {
      return -1;
    }
    int priority = Integer.parseInt(line, at + 1, end, 10);
    at = end + 1;
    return priority;
  }

  /// `[ 1.234567]`, with `@2` before the bracket for a CPU, or ` < 0.000012>` for the time since
  /// the line before.
  private boolean time() {
    if (peek() != '[') {
      return false;
    }
    int start = blanks(at + 1);
    int dot = digits(line, start);
    if (dot == start || dot - start > 9 || dot >= line.length() || line.charAt(dot) != '.') {
      return false;
    }
    int end = digits(line, dot + 1);
    if (end == dot + 1 || end - dot > 10) {
      return false;
    }
    int close = end;
    int onCpu = -1;
    if (end < line.length() && line.charAt(end) == '@') {
      close = digits(line, end + 1);
      onCpu = close > end + 1 && close - end < 6 ? Integer.parseInt(line, end + 1, close, 10) : -1;
    }
    if (line.startsWith(" <", end)) {
      int more = line.indexOf('>', end);
      close = more < 0 || more - end > 20 ? end : more + 1;
      close += close < line.length() && line.charAt(close) == ' ' ? 1 : 0;
    }
    if (close >= line.length() || line.charAt(close) != ']') {
      return false;
    }
    long micros = 0;
    for (int i = 0; i < 6; i++) {
      int digit = dot + 1 + i < end ? line.charAt(dot + 1 + i) - '0' : 0;
      micros = micros * 10 + digit;
    }
    uptimeMicros = Long.parseLong(line, start, dot, 10) * 1_000_000 + micros;
    cpu = onCpu;
    at = close + 1;
    return true;
  }

  /// `[ T123]`, `[T123@C4]`, `[C4]`, `(2)[123:name]`, with or without a blank in front.
  private void callers(boolean stamped) {
    int start = at;
    if (stamped && peek() == ' ') {
      at++;
    }
    if (stamped && (vendorCaller() || samsungCaller())) {
      return;
    }
    boolean called = caller();
    at = called ? at : start;
    if ((stamped || called) && peek() == ' ') {
      at++;
    }
  }

  private boolean caller() {
    if (peek() != '[') {
      return false;
    }
    int letter = blanks(at + 1);
    if (letter >= line.length() || (line.charAt(letter) != 'T' && line.charAt(letter) != 'C')) {
      return false;
    }
    int end = digits(line, letter + 1);
    if (end == letter + 1 || end - letter > 11 || end >= line.length()) {
      return false;
    }
    int close = end;
    if (line.startsWith("@C", end)) {
      close = digits(line, end + 2);
    }
    if (close >= line.length() || line.charAt(close) != ']') {
      return false;
    }
    caller = line.substring(letter, end);
    at = close + 1;
    return true;
  }

  /// `[2: name: 123] `: CPU, name and task, as Samsung's kernels write it.
  private boolean samsungCaller() {
    int open = peek() == ' ' ? at + 1 : at;
    int colon = digits(line, open + 1);
    int close = line.indexOf(']', open);
    if (!line.startsWith("[", open)
        || colon == open + 1
        || colon - open > 5
        || !line.startsWith(":", colon)
        || close < 0
        || close - colon > 40) {
      return false;
    }
    int second = line.lastIndexOf(':', close);
    int task = blanks(second + 1);
    if (second <= colon || task == close || digits(line, task) != close) {
      return false;
    }
    cpu = Integer.parseInt(line, open + 1, colon, 10);
    caller = "T" + line.substring(task, close);
    at = close + 1;
    at += peek() == ' ' ? 1 : 0;
    return true;
  }

  /// `(2)[123:name]`: CPU, task and its name, as MediaTek's kernels write it, with `.` or `-` in
  /// front for whether interrupts are on.
  private boolean vendorCaller() {
    int open = peek() == ' ' || peek() == '.' || peek() == '-' ? at + 1 : at;
    if (open >= line.length() || line.charAt(open) != '(') {
      return false;
    }
    int shut = digits(line, open + 1);
    if (shut == open + 1 || !line.startsWith(")[", shut)) {
      return false;
    }
    int colon = digits(line, shut + 2);
    int close = line.indexOf(']', colon);
    if (colon == shut + 2 || colon - shut > 12 || close < 0 || close - colon > 20) {
      return false;
    }
    if (colon >= line.length() || line.charAt(colon) != ':') {
      return false;
    }
    caller = "T" + line.substring(shut + 2, colon);
    at = close + 1;
    return true;
  }

  private int word(int from) {
    int end = from;
    while (end < line.length() && line.charAt(end) != ' ' && end - from < MAX_WORD) {
      end++;
    }
    return Math.min(end, line.length());
  }

  private int blanks(int from) {
    int end = from;
    while (end < line.length() && line.charAt(end) == ' ' && end - from < 12) {
      end++;
    }
    return end;
  }

  private static int digits(String in, int from) {
    int end = from;
    while (end < in.length() && isDigit(in.charAt(end))) {
      end++;
    }
    return end;
  }

  private boolean isDay(int from) {
    return from + 3 <= line.length() && DAYS.contains(line.substring(from, from + 3));
  }

  private char peek() {
    return peek(0);
  }

  private char peek(int ahead) {
    return at + ahead < line.length() ? line.charAt(at + ahead) : 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isUpper(char c) {
    return c >= 'A' && c <= 'Z';
  }

  private static boolean isLower(char c) {
    return c >= 'a' && c <= 'z';
  }

  private static boolean isWord(char c) {
    return isDigit(c) || isUpper(c) || isLower(c) || c == '_';
  }
}
