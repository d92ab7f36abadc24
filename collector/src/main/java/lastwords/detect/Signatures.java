package lastwords.detect;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.demangle.Demangler;

/// Makes the keys by which crashes are grouped: names that are the same whatever machine, release,
/// compiler or architecture the fault showed on.
///
/// The signature is of kind and title, the title with its function's name as the source has it. The
/// path is of the functions that matter: crashes of one signature that came there on different ways
/// differ in it.
final class Signatures {
  /// The number of these rules. Any change that makes other keys of the same lines is a new number;
  /// crashes that are kept already keep theirs.
  /// - 1: kind and title, the guilty function without compiler suffix and syscall prefix.
  /// - 2: function names demangled, and without the wrappers every architecture's entry has. What
  ///   that leaves alone has the key it had.
  static final int VERSION = 2;

  /// `__x64_sys_read`, `__do_sys_read`, `__s390x_compat_sys_read`, `compat_SyS_read`.
  private static final Pattern SYSCALL_WRAPPER =
      Pattern.compile(
          "^(?:__[a-z0-9]{2,11}_(?:compat_)?sys_|compat_(?:sys|SyS|SYSC)_)(?=[a-z0-9])");

  /// What the compiler or the linker puts before a name for a function of its own.
  private static final Pattern PREFIX = Pattern.compile("^(?:\\.|__pfx_|__cfi_)(?=[A-Za-z_])");

  private Signatures() {}

  /// A function's name as the source has it.
  static String function(String symbol) {
    String bare = PREFIX.matcher(symbol).replaceFirst("");
    return Demangler.demangle(bare)
        .orElseGet(
            () -> {
              Matcher wrapper = SYSCALL_WRAPPER.matcher(Demangler.withoutSuffix(bare));
              return Titles.withoutPrefix(wrapper.replaceFirst("sys_"));
            });
  }

  /// What the signature of a crash is the hash of.
  static List<String> signed(String kind, String title) {
    return List.of(kind, title);
  }

  static String of(List<String> signed) {
    return hash(signed);
  }

  /// The key of a way through the kernel, the functions from the guilty one on.
  static String path(List<String> functions) {
    List<String> names = new ArrayList<>();
    for (String function : functions) {
      String name = function(function);
      // How deep a recursion went, or what the compiler split in two, is no other way.
      if (names.isEmpty() || !names.getLast().equals(name)) {
        names.add(name);
      }
    }
    return hash(names);
  }

  private static String hash(List<String> parts) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
