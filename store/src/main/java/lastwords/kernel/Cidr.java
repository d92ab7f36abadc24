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
      String address = slash < 0 ? trimmed : trimmed.substring(0, slash);
      if (address.indexOf(':') < 0 && address.chars().filter(c -> c == '.').count() != 3) {
        throw new IllegalArgumentException("10.1 would be 10.0.0.1, which hardly anybody means");
      }
      byte[] network = InetAddress.ofLiteral(address).getAddress();
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
    int start = network.length == 4 && isMappedIpv4(bytes) ? 12 : 0;
    if (bytes.length - start != network.length) {
      return false;
    }
    int whole = prefixLength >> 3;
    for (int i = 0; i < whole; i++) {
      if (bytes[start + i] != network[i]) {
        return false;
      }
    }
    int rest = prefixLength & 7;
    return rest == 0 || ((bytes[start + whole] ^ network[whole]) & 0xff) >> (8 - rest) == 0;
  }

  /// Whether these are the bytes of `::ffff:a.b.c.d`: how a dual-stack socket shows an IPv4 sender.
  public static boolean isMappedIpv4(byte[] address) {
    if (address.length != 16 || address[10] != -1 || address[11] != -1) {
      return false;
    }
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return false;
      }
    }
    return true;
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
