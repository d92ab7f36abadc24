package lastwords.kernel;

import java.net.InetAddress;

/// One UDP datagram as it came off the socket, nothing decoded.
///
/// @param offset its place in the log: the first datagram ever appended has 0, each next one 1 more
/// @param receivedAtMicros when the collector took it off the socket, microseconds since 1970
/// @param source who sent it; an IPv4 sender on a dual-stack socket is an IPv4 address here
/// @param sourcePort the sender's UDP port, 0 to 65535
/// @param localPort the port it was sent to, 0 to 65535
/// @param payload its bytes, at most 65,527; not to be changed
@SuppressWarnings(
    "ArrayRecordComponent") // copied nowhere, compared nowhere: it is made per datagram
public record Datagram(
    long offset,
    long receivedAtMicros,
    InetAddress source,
    int sourcePort,
    int localPort,
    byte[] payload) {}
