package lastwords.demangle;

import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns what a compiler made of a name back into the name as it stands in the source.
///
/// Rust's two schemes are read whole, hashes and disambiguators left out, so that two builds of one
/// source yield one name: v0 (`_R…`, RFC 2603) and legacy (`_ZN…17h<hash>E`). Of C++ (`_Z…`, the
/// Itanium ABI) only plain and nested names are, without their parameters; a kernel has C++ in few
/// modules, and a name with templates or operators stays as it is. What compilers append
/// (`.llvm.1`, `.cold`) is dropped.
///
/// Names come from the network: input, depth and steps are bounded.
public final class Demangler {
  private static final int MAX_NAME = 1_024;

  private Demangler() {}

  /// The name in the source as far as it can be told: without what a compiler appends where it
  /// isn't mangled.
  public static String readable(String symbol) {
    return demangle(symbol).orElseGet(() -> withoutSuffix(symbol));
  }

  /// The name in the source; empty when `symbol` isn't mangled, or not in a way that is understood.
  public static Optional<String> demangle(String symbol) {
    if (symbol.length() > MAX_NAME) {
      return Optional.empty();
    }
    String name = null;
    String bare = withoutMark(symbol);
    if (bare.startsWith("_R")) {
      name = RustName.read(bare.substring(2));
    } else if (bare.startsWith("_Z")) {
      name = nested(bare.substring(2));
    }
    return Optional.ofNullable(name);
  }

  /// A function's name as written in the source: what compilers append is cut off.
  public static String withoutSuffix(String function) {
    int dot = function.indexOf('.', 1);
    return dot < 0 ? function : function.substring(0, dot);
  }

  /// What the kernel's build puts before a function's own name.
  private static String withoutMark(String symbol) {
    return symbol.startsWith("__cfi_") || symbol.startsWith("__pfx_")
        ? symbol.substring("__cfi_".length())
        : symbol;
  }

  /// `N 4core 9panicking 5panic 17h0123456789abcdef E`, and the same without `N` and `E` for a name
  /// in no namespace.
  private static @Nullable String nested(String mangled) {
    boolean nested = mangled.startsWith("N");
    int at = nested ? 1 : 0;
    while (nested && at < mangled.length() && "rVK".indexOf(mangled.charAt(at)) >= 0) {
      at++;
    }
    StringBuilder name = new StringBuilder();
    String last = "";
    do {
      if (at < mangled.length() && mangled.charAt(at) == 'L') {
        at++; // visible in its file only
      }
      int digits = at;
      int length = 0;
      while (at < mangled.length() && isDigit(mangled.charAt(at)) && at - digits < 4) {
        length = length * 10 + (mangled.charAt(at) - '0');
        at++;
      }
      if (at == digits) {
        return structor(mangled, at, last, name);
      }
      if (length == 0 || length > mangled.length() - at) {
        return null;
      }
      last = mangled.substring(at, at + length);
      at += length;
      if (!(isHash(last) && mangled.startsWith("E", at) && !name.isEmpty())) {
        name.append(name.isEmpty() ? "" : "::").append(unescaped(last));
      }
    } while (nested && !mangled.startsWith("E", at));
    return mangled.startsWith("I", at) ? null : name.toString();
  }

  /// A constructor or destructor has its class's name.
  private static @Nullable String structor(
      String mangled, int at, String last, StringBuilder name) {
    if (name.isEmpty() || at + 2 >= mangled.length() || mangled.charAt(at + 2) != 'E') {
      return null;
    }
    return switch (mangled.charAt(at)) {
      case 'C' -> name.append("::").append(last).toString();
      case 'D' -> name.append("::~").append(last).toString();
      default -> null;
    };
  }

  private static boolean isHash(String part) {
    return part.length() == 17
        && part.charAt(0) == 'h'
        && part.chars().skip(1).allMatch(c -> isDigit((char) c) || (c >= 'a' && c <= 'f'));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /// Legacy Rust spells signs out: `$LT$` is `<`, `..` is `::`.
  private static String unescaped(String part) {
    if (part.indexOf('$') < 0 && !part.contains("..")) {
      return part;
    }
    StringBuilder text = new StringBuilder();
    int at = part.startsWith("_$") ? 1 : 0;
    while (at < part.length()) {
      int end = part.charAt(at) == '$' ? part.indexOf('$', at + 1) : -1;
      String sign = end < 0 ? null : sign(part.substring(at + 1, end));
      if (sign != null) {
        text.append(sign);
        at = end + 1;
      } else if (part.startsWith("..", at)) {
        text.append("::");
        at += 2;
      } else {
        text.append(part.charAt(at));
        at++;
      }
    }
    return text.toString();
  }

  private static @Nullable String sign(String escape) {
    return switch (escape) {
      case "SP" -> "@";
      case "BP" -> "*";
      case "RF" -> "&";
      case "LT" -> "<";
      case "GT" -> ">";
      case "LP" -> "(";
      case "RP" -> ")";
      case "C" -> ",";
      default -> {
        Integer code = escape.startsWith("u") ? hex(escape.substring(1)) : null;
        yield code != null && code >= ' ' && code < 0x7f ? Character.toString(code) : null;
      }
    };
  }

  /// The number that up to seven hexadecimal digits are, null for anything else.
  static @Nullable Integer hex(@Nullable String digits) {
    boolean hex =
        digits != null
            && !digits.isEmpty()
            && digits.length() <= 7
            && digits.chars().allMatch(HexFormat::isHexDigit);
    return hex ? HexFormat.fromHexDigits(digits) : null;
  }
}
