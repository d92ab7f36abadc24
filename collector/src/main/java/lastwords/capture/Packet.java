package lastwords.capture;

import java.nio.ByteBuffer;

/// One captured packet.
///
/// @param linkType what the bytes begin with, a number of tcpdump.org's list
/// @param micros when it was captured, since 1970
/// @param bytes what was captured of it, from position to limit
record Packet(int linkType, long micros, ByteBuffer bytes) {}
