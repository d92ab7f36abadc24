package lastwords.kernel;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A network of addresses, `10.0.0.0/8` or `2001:db8::/32`; an address alone is the network of
/// itself.
public final class Cidr {
  private static final int IPV4_BYTES = 4;
  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;

  /// The middle of `::ffff:a.b.c.d`.
  private static final long MAPPED = 0xffff;

  private final byte[] network;
  private final int prefixLength;

  // The network among those of IPv6, and which bits of it count.
  private final boolean isIpv4;
  private final long high;
  private final long low;
  private final long highMask;
  private final long lowMask;

  private Cidr(byte[] network, int prefixLength) {
    this.network = network;
    this.prefixLength = prefixLength;
    high = high(network);
    low = low(network);
    isIpv4 = isIpv4(high, low);
    int bits = network.length == IPV4_BYTES ? IPV6_BITS - IPV4_BITS + prefixLength : prefixLength;
    highMask = mask(bits);
    lowMask = mask(bits - Long.SIZE);
  }

  private static long mask(int bits) {
    return bits <= 0 ? 0 : -1L << Math.max(0, Long.SIZE - bits);
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
    return contains(high(bytes), low(bytes));
  }

  /// The same for the halves of an IPv6 address, of which `::ffff:a.b.c.d` is the IPv4 one. An
  /// address of the one kind is in no network of the other. Allocates nothing.
  public boolean contains(long high, long low) {
    return ((high ^ this.high) & highMask) == 0
        && ((low ^ this.low) & lowMask) == 0
        && isIpv4(high, low) == isIpv4;
  }

  /// The first half of an address of IPv6; of one of IPv4 as it is written there, `::ffff:a.b.c.d`,
  /// which is how a dual-stack socket shows it.
  public static long high(byte[] address) {
    return address.length == IPV4_BYTES ? 0 : ByteBuffer.wrap(address).getLong();
  }

  /// The second half.
  public static long low(byte[] address) {
    ByteBuffer bytes = ByteBuffer.wrap(address);
    return address.length == IPV4_BYTES
        ? MAPPED << IPV4_BITS | Integer.toUnsignedLong(bytes.getInt())
        : bytes.getLong(Long.BYTES);
  }

  /// Whether these halves are those of an IPv4 address.
  public static boolean isIpv4(long high, long low) {
    return high == 0 && low >>> IPV4_BITS == MAPPED;
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
  public boolean equals(@Nullable Object other) {
    return other instanceof Cidr that
        && prefixLength == that.prefixLength
        && Arrays.equals(network, that.network);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(network) * 31 + prefixLength;
  }

  @Override
  public String toString() {
    return first().getHostAddress() + "/" + prefixLength;
  }
}
