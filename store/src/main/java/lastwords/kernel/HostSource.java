package lastwords.kernel;

import java.util.Locale;

/// Where a host's name comes from, the most trusted source first.
///
/// A name from [#USERDATA] is what the sender called itself: anybody who can send a datagram can
/// choose it. The source address can be forged too, so no source proves which machine sent a
/// datagram.
public enum HostSource {
  /// The inventory has a name for the sender's address.
  INVENTORY,
  /// The sender's userdata named it, and no other host has that name.
  USERDATA,
  /// Reverse DNS has a name for the address.
  DNS,
  /// Nothing else names it: the address stands for the host.
  ADDRESS;

  /// As it reads outside: lower case.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
