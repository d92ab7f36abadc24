package lastwords.query;

import java.net.InetAddress;

/// Addresses as people write them, and as they are kept.
final class AddressText {
  private AddressText() {}

  /// An IPv6 address in the form in which hosts without another name are kept: `::1` is
  /// `0:0:0:0:0:0:0:1`, and an IPv4 address in IPv6's clothes is IPv4. Anything else as it is.
  static String asKept(String text) {
    if (text.indexOf(':') < 0) {
      return text;
    }
    try {
      return InetAddress.ofLiteral(text).getHostAddress();
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
