package lastwords.receive;

import java.net.InetSocketAddress;
import java.util.List;
import lastwords.kernel.Cidr;

/// Where and what to receive.
///
/// @param addresses where; port 0 picks a free one, `::` takes IPv4 as well
/// @param allow whose datagrams are taken; empty: everybody's
/// @param receiveBufferBytes what to ask the kernel for, for each socket; it may grant less
/// @param sockets for each address; the kernel keeps a sender on one of them. More than one only
///   widens the buffer where it is small: one thread reads them all
public record ReceiveSettings(
    List<InetSocketAddress> addresses, List<Cidr> allow, int receiveBufferBytes, int sockets) {}
