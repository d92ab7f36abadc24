package lastwords.kernel;

import java.net.InetAddress;
import java.util.Arrays;

/// A network of addresses, `10.0.0.0/8` or `2001:db8::/32`; an address alone is the network of
/// itself.
///
/// Checking whether an address belongs to it allocates nothing that outlives the call.
public final class Cidr {
  private final byte[] network;
  private final int prefixLength;

  private Cidr(byte[] network, int prefixLength) {
    this.network = network;
    this.prefixLength = prefixLength;
  }

  /// @throws IllegalArgumentException when the text isn't one; names it and how one reads
  public static Cidr parse(String text) {
    String trimmed = text.trim();
    int slash = trimmed.indexOf('/');
    try {
      byte[] network =
          InetAddress.ofLiteral(slash < 0 ? trimmed : trimmed.substring(0, slash)).getAddress();
      int bits = network.length * Byte.SIZE;
      int prefixLength = slash < 0 ? bits : Integer.parseInt(trimmed.substring(slash + 1));
      if (prefixLength < 0 || prefixLength > bits) {
        throw new IllegalArgumentException("prefix length " + prefixLength + " of " + bits);
      }
      return new Cidr(network, prefixLength);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no network; one reads 10.0.0.0/8, 2001:db8::/32 or 10.1.2.3", e);
    }
  }

  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != network.length) {
      return false;
    }
    int whole = prefixLength >> 3;
    for (int i = 0; i < whole; i++) {
      if (bytes[i] != network[i]) {
        return false;
      }
    }
    int rest = prefixLength & 7;
    return rest == 0 || ((bytes[whole] ^ network[whole]) & 0xff) >> (8 - rest) == 0;
  }

  public boolean isSingle() {
    return prefixLength == network.length * Byte.SIZE;
  }

  public int prefixLength() {
    return prefixLength;
  }

  /// The address it was made with.
  public InetAddress first() {
    try {
      return InetAddress.getByAddress(network);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(Arrays.toString(network), e);
    }
  }

  @Override
  public String toString() {
    return first().getHostAddress() + "/" + prefixLength;
  }
}
