package lastwords.kernel;

import java.net.InetAddress;

/// The network that a sender is counted to where shares are given out: the /24 of an IPv4 address,
/// the /64 of an IPv6 address. What one person can take addresses from at will is one network.
public final class SourceNetwork {
  private static final int IPV6_PREFIX_BYTES = 8;

  private SourceNetwork() {}

  /// The network of an address as text; what is no address is a network of its own.
  public static String of(String address) {
    int zone = address.indexOf('%');
    String literal = zone < 0 ? address : address.substring(0, zone);
    if (literal.indexOf(':') < 0) {
      int last = literal.lastIndexOf('.');
      return last < 0 ? literal : literal.substring(0, last) + ".0/24";
    }
    try {
      byte[] bytes = InetAddress.ofLiteral(literal).getAddress();
      if (bytes.length <= IPV6_PREFIX_BYTES) {
        return of(InetAddress.getByAddress(bytes).getHostAddress());
      }
      StringBuilder network = new StringBuilder();
      for (int i = 0; i < IPV6_PREFIX_BYTES; i += 2) {
        network.append("%x:".formatted((bytes[i] & 0xff) << 8 | (bytes[i + 1] & 0xff)));
      }
      return network.append(":/64").toString();
    } catch (IllegalArgumentException | java.net.UnknownHostException e) {
      return literal;
    }
  }
}
