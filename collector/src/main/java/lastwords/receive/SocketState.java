package lastwords.receive;

import java.net.InetSocketAddress;

/// How one UDP socket stands, as the kernel says.
///
/// @param address where it listens
/// @param bufferBytes the receive buffer granted, as the kernel counts it: an 180-byte datagram
///   takes 832 of them
/// @param queuedBytes how much of it is taken now
/// @param drops datagrams dropped since the socket was made, because the buffer was full or their
///   checksum wrong
/// @param isOpen false once it is closed: then as it stood just before
public record SocketState(
    InetSocketAddress address, long bufferBytes, long queuedBytes, long drops, boolean isOpen) {}
