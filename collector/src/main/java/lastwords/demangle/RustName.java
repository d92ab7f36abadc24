package lastwords.demangle;

import org.jspecify.annotations.Nullable;

/// A Rust symbol in the v0 scheme, being read: RFC 2603. Crate disambiguators are left out, all
/// lifetimes read `'_`.
final class RustName {
  private static final int MAX_DEPTH = 64;

  /// Characters that are read, again or not: back references let a short name unfold without end.
  private static final int MAX_STEPS = 16_000;

  private static final int MAX_LENGTH = 1_024;

  /// Where a number stops to grow: nothing is so far back, and a hash is not read.
  private static final long MAX_NUMBER = 1L << 52;

  private final String symbol;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int depth;
  private int steps;

  private RustName(String symbol) {
    this.symbol = symbol;
  }

  /// The symbol isn't one.
  private static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Malformed() {
      super(null, null, false, false);
    }
  }

  /// The name, null when it can't be read.
  ///
  /// @param symbol what follows `_R`
  static @Nullable String read(String symbol) {
    RustName name = new RustName(symbol);
    try {
      name.path(true);
      return name.out.toString();
    } catch (Malformed e) {
      return null;
    }
  }

  /// @param value whether it names a value: generic arguments then follow `::`
  private void path(boolean value) {
    enter();
    switch (next()) {
      case 'C' -> {
        disambiguator();
        out.append(identifier());
      }
      case 'M' -> {
        unprinted();
        out.append('<');
        type();
        out.append('>');
      }
      case 'X' -> {
        unprinted();
        as();
      }
      case 'Y' -> as();
      case 'N' -> nested(value);
      case 'I' -> {
        path(value);
        out.append(value ? "::<" : "<");
        list(", ", this::argument);
        out.append('>');
      }
      case 'B' -> back(() -> path(value));
      default -> throw new Malformed();
    }
    depth--;
  }

  /// Where an implementation stands: of no interest.
  private void unprinted() {
    int length = out.length();
    disambiguator();
    path(false);
    out.setLength(length);
  }

  private void as() {
    out.append('<');
    type();
    out.append(" as ");
    path(false);
    out.append('>');
  }

  private void nested(boolean value) {
    char space = next();
    path(value);
    long number = disambiguator();
    String name = identifier();
    if (space >= 'A' && space <= 'Z') {
      String what =
          switch (space) {
            case 'C' -> "closure";
            case 'S' -> "shim";
            default -> String.valueOf(space);
          };
      out.append("::{").append(what);
      out.append(name.isEmpty() ? "" : ":").append(name);
      out.append('#').append(number).append('}');
    } else if (!name.isEmpty()) {
      out.append("::").append(name);
    }
  }

  private void argument() {
    if (takes('L')) {
      base62();
      out.append("'_");
    } else if (takes('K')) {
      constant();
    } else {
      type();
    }
  }

  private void type() {
    enter();
    char c = next();
    String basic = basic(c);
    if (basic != null) {
      out.append(basic);
    } else {
      switch (c) {
        case 'A' -> {
          out.append('[');
          type();
          out.append("; ");
          constant();
          out.append(']');
        }
        case 'S' -> {
          out.append('[');
          type();
          out.append(']');
        }
        case 'T' -> {
          out.append('(');
          int members = list(", ", this::type);
          out.append(members == 1 ? ",)" : ")");
        }
        case 'R', 'Q' -> {
          if (takes('L')) {
            base62();
          }
          out.append(c == 'R' ? "&" : "&mut ");
          type();
        }
        case 'P', 'O' -> {
          out.append(c == 'P' ? "*const " : "*mut ");
          type();
        }
        case 'F' -> function();
        case 'D' -> object();
        case 'B' -> back(this::type);
        default -> {
          at--;
          path(false);
        }
      }
    }
    depth--;
  }

  private void function() {
    binder();
    if (takes('U')) {
      out.append("unsafe ");
    }
    if (takes('K')) {
      out.append("extern \"");
      out.append(takes('C') ? "C" : identifier().replace('_', '-')).append("\" ");
    }
    out.append("fn(");
    list(", ", this::type);
    out.append(')');
    if (!takes('u')) {
      out.append(" -> ");
      type();
    }
  }

  private void object() {
    out.append("dyn ");
    binder();
    list(" + ", this::bound);
    if (!takes('L')) {
      throw new Malformed();
    }
    base62();
  }

  private void bound() {
    path(false);
    while (takes('p')) {
      out.append('<').append(identifier()).append(" = ");
      type();
      out.append('>');
    }
  }

  private void binder() {
    if (takes('G')) {
      base62();
    }
  }

  private void constant() {
    enter();
    if (takes('B')) {
      back(this::constant);
    } else if (takes('p')) {
      out.append('_');
    } else {
      char type = next();
      if (basic(type) == null) {
        throw new Malformed();
      }
      out.append(takes('n') ? "-" : "");
      int from = at;
      while (next() != '_') {}
      String hex = symbol.substring(from, at - 1);
      Integer number = Demangler.hex(hex.isEmpty() ? "0" : hex);
      out.append(
          number == null
              ? "0x" + hex
              : type == 'b' ? String.valueOf(number != 0) : String.valueOf(number));
    }
    depth--;
  }

  private static @Nullable String basic(char c) {
    return switch (c) {
      case 'a' -> "i8";
      case 'b' -> "bool";
      case 'c' -> "char";
      case 'd' -> "f64";
      case 'e' -> "str";
      case 'f' -> "f32";
      case 'h' -> "u8";
      case 'i' -> "isize";
      case 'j' -> "usize";
      case 'l' -> "i32";
      case 'm' -> "u32";
      case 'n' -> "i128";
      case 'o' -> "u128";
      case 'p' -> "_";
      case 's' -> "i16";
      case 't' -> "u16";
      case 'u' -> "()";
      case 'v' -> "...";
      case 'x' -> "i64";
      case 'y' -> "u64";
      case 'z' -> "!";
      default -> null;
    };
  }

  /// Up to `E`; how many there were.
  private int list(String separator, Runnable item) {
    int count = 0;
    while (!takes('E')) {
      out.append(count++ == 0 ? "" : separator);
      item.run();
    }
    return count;
  }

  /// Reads again what stood earlier in the symbol.
  private void back(Runnable read) {
    int here = at - 1;
    long to = base62();
    if (to >= here) {
      throw new Malformed();
    }
    int after = at;
    at = (int) to;
    read.run();
    at = after;
  }

  private String identifier() {
    boolean punycode = takes('u');
    int length = 0;
    int from = at;
    while (at < symbol.length()
        && Character.digit(symbol.charAt(at), 10) >= 0
        && at - from < 4
        && (at == from || length > 0)) {
      length = length * 10 + Character.digit(next(), 10);
    }
    if (at == from) {
      throw new Malformed();
    }
    takes('_');
    if (length > symbol.length() - at) {
      throw new Malformed();
    }
    String name = symbol.substring(at, at + length);
    at += length;
    return punycode ? "punycode{" + name + "}" : name;
  }

  /// 0 where there is none.
  private long disambiguator() {
    return takes('s') ? base62() + 1 : 0;
  }

  private long base62() {
    long value = 0;
    boolean any = false;
    for (char c = next(); c != '_'; c = next()) {
      int digit =
          c >= '0' && c <= '9'
              ? c - '0'
              : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 36 : -1;
      if (digit < 0) {
        throw new Malformed();
      }
      value = Math.min(MAX_NUMBER, value * 62 + digit);
      any = true;
    }
    return any ? value + 1 : 0;
  }

  private void enter() {
    if (++depth > MAX_DEPTH || out.length() > MAX_LENGTH) {
      throw new Malformed();
    }
  }

  private boolean takes(char c) {
    if (at < symbol.length() && symbol.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private char next() {
    if (at >= symbol.length() || ++steps > MAX_STEPS) {
      throw new Malformed();
    }
    return symbol.charAt(at++);
  }
}
