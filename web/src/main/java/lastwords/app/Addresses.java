package lastwords.app;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// Reads addresses as people write them. All of it throws [IllegalArgumentException] with what is
/// allowed.
final class Addresses {
  private static final int MAX_PORT = 65_535;

  private Addresses() {}

  /// Reads `192.0.2.1:6666`, `[2001:db8::1]:6666`, `name:6666`, and `:6666` or `6666` alone.
  ///
  /// @param otherwise the address where only a port is given
  static InetSocketAddress socket(String text, String otherwise) {
    int colon = text.lastIndexOf(':');
    String host = colon <= 0 ? otherwise : text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (host.indexOf(':') >= 0 && !bracketed && !host.equals(otherwise)) {
      throw new IllegalArgumentException("an IPv6 address stands in brackets: [::1]:6666");
    }
    return new InetSocketAddress(
        address(bracketed ? host.substring(1, host.length() - 1) : host),
        port(text.substring(colon + 1)));
  }

  /// As text, with brackets where they are needed.
  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    if (address.getAddress() instanceof java.net.Inet6Address) {
      host = address.getAddress().isAnyLocalAddress() ? "[::]" : "[" + host + "]";
    }
    return host + ":" + address.getPort();
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no such address: " + host, e);
    }
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= MAX_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "an address reads 192.0.2.1:6666 or [::]:6666, with a port from 0 to " + MAX_PORT);
  }
}
