package lastwords.assemble;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Locale;
import java.util.Map;
import lastwords.kernel.Host;
import org.jspecify.annotations.Nullable;

/// What can be a host's name: a DNS name (RFC 1123, with `_`, which many sites use).
final class HostName {
  /// RFC 1035: 255 bytes on the wire, 253 as text.
  static final int MAX_CHARS = 253;

  private static final int MAX_LABEL_CHARS = 63;

  private HostName() {}

  /// The name that a record's userdata gives its host, as it was sent; null where it gives none.
  static @Nullable String in(Map<String, String> userdata) {
    if (userdata.isEmpty()) {
      return null;
    }
    String host = userdata.get("host");
    return host == null || host.isBlank() ? userdata.get("hostname") : host;
  }

  /// The name without surrounding blanks and the root's dot; null for what is no host name, such as
  /// text with blanks, control or non-ASCII characters.
  static @Nullable String clean(String sent) {
    if (sent.length() > 2 * MAX_CHARS) {
      return null;
    }
    String name = sent.strip();
    name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return isName(name) ? name : null;
  }

  private static boolean isName(String name) {
    if (name.isEmpty() || name.length() > MAX_CHARS) {
      return false;
    }
    int label = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.') {
        if (label == 0 || name.charAt(i - 1) == '-') {
          return false;
        }
        label = 0;
        continue;
      }
      boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!(plain || c == '_' || (c == '-' && label > 0)) || ++label > MAX_LABEL_CHARS) {
        return false;
      }
    }
    return label > 0 && name.charAt(name.length() - 1) != '-';
  }

  /// Whether the name reads as an IPv4 address, or a part of one; one of IPv6 is no name at all.
  static boolean isAddress(String name) {
    return name.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }

  /// Whether two names of one address are the same, or one is the other without its domain.
  static boolean isSame(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    return a.equals(b) || a.startsWith(b + ".") || b.startsWith(a + ".");
  }

  /// Whether a canary of this machine may have that address: its own one of IPv4, and of IPv6 any
  /// of this machine's. No other machine can send from them, unless the network lets it.
  static boolean isCanary(InetAddress source) {
    if (source.equals(Host.CANARY_SOURCE)) {
      return true;
    }
    try {
      return source.isLoopbackAddress()
          ? source instanceof Inet6Address
          : NetworkInterface.getByInetAddress(source) != null;
    } catch (SocketException _) {
      return false;
    }
  }
}
