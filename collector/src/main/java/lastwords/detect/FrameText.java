package lastwords.detect;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// What a line of a stack looks like, on every architecture.
final class FrameText {
  private static final String NAME = "(?<function>[A-Za-z_$][A-Za-z0-9_.$]*)";
  static final String PLACE =
      NAME
          + "\\+0x(?<offset>[0-9a-f]+)(?:/0x(?<size>[0-9a-f]+))?"
          + "(?: \\[(?<module>[A-Za-z0-9_-]+)(?: [0-9a-f]+)?\\])?";

  private static final String FILE = "(?<file>[^\\s:()]+\\.[chSr][a-z]*):(?<line>[0-9]+)";

  /// `[<pc>]`, `[sp] [pc]`, `([<pc>]`, after or before `<IRQ>` and its like.
  private static final String BEFORE =
      "^\\s*(?:<{1,2}/?[A-Z#][A-Za-z0-9_]{0,20}>{1,2}\\s+){0,2}"
          + "(?:\\(?\\[?[<(]?[0-9a-f]{8,16}[>)]?\\]?\\)?\\s+){0,2}"
          + "(?:<{1,2}/?[A-Z#][A-Za-z0-9_]{0,20}>{1,2}\\s+)?";

  private static final Pattern FRAME =
      Pattern.compile(
          BEFORE
              + "(?<guess>\\? )?\\(?\\.?(?::\\w+:)?"
              + PLACE
              + "\\)?(?: \\([A-Z]{1,3}\\))?(?: \\(unreliable\\))?(?: "
              + FILE
              + ")?");

  private static final Pattern INLINE =
      Pattern.compile("^\\s+" + NAME + " " + FILE + "(?: \\[inline\\])?$");

  /// What the kernel's `scripts/decode_stacktrace.sh` makes of a frame; of several places the last
  /// is the function's own, those before are of functions inlined into it.
  private static final Pattern DECODED =
      Pattern.compile(
          BEFORE
              + "(?<guess>\\? )?"
              + NAME
              + " \\((?:[^\\s:()]{1,200}:[0-9]{1,9}(?: \\(discriminator [0-9]{1,9}\\))? ){0,20}"
              + FILE
              + "(?: \\(discriminator [0-9]+\\))?\\)(?: (?<module>[A-Za-z0-9_-]+)(?: [0-9a-f]+)?)?\\s*$");

  /// `[<pc>] (function) from [<pc>] (function+0x1/0x2)`, older and newer.
  private static final Pattern ARM =
      Pattern.compile(
          "^\\s*(?:\\[<[0-9a-f]+>\\] )?\\(?(?<callee>[A-Za-z_$][A-Za-z0-9_.$]*)(?: \\[[A-Za-z0-9_-]+\\])?\\)? from (?:\\[<[0-9a-f]+>\\] )?\\(?"
              + PLACE);

  /// A frame in code that has no name.
  private static final Pattern NAMELESS =
      Pattern.compile(
          "^\\s*(?:\\(?\\[<?[0-9a-f]{8,16}>?\\]\\s+){0,2}(?:\\? )?(?<address>0x[0-9a-f]{6,16})\\)?(?: \\(unreliable\\))?\\s*$");

  private static final Pattern END_OF_STACK = Pattern.compile("^0xf+$");

  /// The instruction pointer: x86, PowerPC, ARM, RISC-V and MIPS, LoongArch, s390, SPARC, PA-RISC.
  static final Pattern POINTER =
      Pattern.compile(
          "(?:^|\\s)(?:RIP: (?:0010:|e030:)?|EIP: (?:0060:)?|EIP is at |IP: |NIP |pc ?: |PC is at |epc ?: |epc +: [0-9a-f]+ |ERA: [0-9a-f]+ |Krnl PSW : [0-9a-f]+ [0-9a-f]+ \\(|TPC: <|IAOQ\\[0\\]: )"
              + "(?:\\[<?[0-9a-f]+>?\\] *){0,2}\\s*(?:\\.?(?::\\w+:)?"
              + PLACE
              + "(?: "
              + FILE
              + ")?|(?<nothing>0x[0-9a-f]+|\\(null\\)|[0-9a-f]{8,16}|"
              + "[A-Za-z_][A-Za-z0-9_]*$))");

  /// Functions that call nobody, so that on arm64 only the link register has who called them.
  static final Pattern LEAF = Pattern.compile("^_*(?:pi_)?(?:mem|str)(?:cpy|set|cmp|move|len|chr)");

  /// That register.
  static final Pattern LINK = Pattern.compile("^lr : (?:\\[<[0-9a-f]+>\\] )?" + PLACE);

  private FrameText() {}

  static boolean isFrame(String line) {
    return FRAME.matcher(line).find()
        || INLINE.matcher(line).find()
        || ARM.matcher(line).find()
        || DECODED.matcher(line).find();
  }

  /// The instruction pointer that this line shows, null for none or none with a function.
  static @Nullable Frame pointer(String line) {
    Matcher matcher = POINTER.matcher(line);
    return matcher.find() && matcher.group("function") != null ? frame(matcher, true) : null;
  }

  /// Adds the frames that this line shows, if any.
  static void add(List<Frame> frames, String line) {
    Matcher arm = ARM.matcher(line);
    if (arm.find()) {
      String callee = arm.group("callee");
      if (frames.isEmpty() || !frames.getLast().function().equals(callee)) {
        frames.add(frame(callee));
      }
      frames.add(frame(arm, true));
      return;
    }
    Matcher plain = FRAME.matcher(line);
    if (plain.find()) {
      boolean guess =
          (plain.group("guess") != null && !line.contains("<EOI>"))
              || line.contains("(unreliable)")
              || (line.startsWith("([<") && !frames.isEmpty());
      frames.add(frame(plain, !guess));
      return;
    }
    Matcher inline = INLINE.matcher(line);
    if (inline.find()) {
      frames.add(
          new Frame(
              inline.group("function"),
              null,
              null,
              null,
              inline.group("file"),
              number(inline.group("line"), 10),
              true,
              true));
      return;
    }
    Matcher decoded = DECODED.matcher(line);
    if (decoded.find()) {
      frames.add(
          new Frame(
              decoded.group("function"),
              null,
              null,
              decoded.group("module"),
              decoded.group("file"),
              number(decoded.group("line"), 10),
              false,
              decoded.group("guess") == null));
      return;
    }
    Matcher nameless = NAMELESS.matcher(line);
    if (nameless.find()) {
      String address = nameless.group("address");
      if (!END_OF_STACK.matcher(address).find()) {
        frames.add(new Frame(address, null, null, null, null, null, false, false));
      }
      return;
    }
    if (line.startsWith("RIP: 0010:")) {
      Frame pointer = pointer(line);
      if (pointer != null) {
        frames.add(pointer);
      }
    }
  }

  static Frame frame(String function) {
    return new Frame(function, null, null, null, null, null, false, true);
  }

  static Frame frame(Matcher place, boolean reliable) {
    boolean symbolized = place.namedGroups().containsKey("file");
    return new Frame(
        place.group("function"),
        number(place.group("offset"), 16),
        number(place.group("size"), 16),
        place.group("module"),
        symbolized ? place.group("file") : null,
        symbolized ? number(place.group("line"), 10) : null,
        false,
        reliable);
  }

  /// The number, null where there is none or it is no number a kernel could mean.
  static @Nullable Integer number(@Nullable String digits, int radix) {
    if (digits == null || digits.length() > 9) {
      return null;
    }
    long value = Long.parseLong(digits, radix);
    return value > Integer.MAX_VALUE ? null : (int) value;
  }
}
