package lastwords.capture;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A pcapng file: blocks, in sections that have a byte order and interfaces of their own.
final class Pcapng implements Packets {
  /// The type of a section's first block; reads the same in both byte orders.
  static final int SECTION = 0x0a0d0d0a;

  /// More interfaces than any machine has; each costs a few bytes of memory.
  static final int MAX_INTERFACES = 1 << 16;

  private static final int INTERFACE = 1;
  private static final int OLD_PACKET = 2;
  private static final int SIMPLE_PACKET = 3;
  private static final int ENHANCED_PACKET = 6;
  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;

  /// Type and length before a block's body, and the length again behind it.
  private static final int FRAME_BYTES = 12;

  private static final int TIME_RESOLUTION = 9;
  private static final int TIME_OFFSET = 14;
  private static final long MICROS_PER_SECOND = 1_000_000;

  private final Input in;
  private final List<Interface> interfaces = new ArrayList<>();
  private long lastMicros;

  /// @param unitsPerSecond of the time stamps
  /// @param offsetSeconds to add to them
  private record Interface(
      int linkType, long snapshotBytes, BigInteger unitsPerSecond, long offsetSeconds) {
    long micros(long units) {
      BigInteger unsigned = new BigInteger(Long.toUnsignedString(units));
      return unsigned
              .multiply(BigInteger.valueOf(MICROS_PER_SECOND))
              .divide(unitsPerSecond)
              .longValue()
          + offsetSeconds * MICROS_PER_SECOND;
    }
  }

  /// The type of the first block has been read from `in`.
  Pcapng(Input in) throws IOException {
    this.in = in;
    section();
  }

  @Override
  public @Nullable Packet next() throws IOException {
    while (in.fill(4)) {
      int type = in.bytes().getInt();
      if (type == SECTION) {
        section();
        continue;
      }
      long bodyBytes = bodyBytes(in.need(4).getInt());
      switch (type) {
        case INTERFACE -> addInterface(body(bodyBytes));
        case ENHANCED_PACKET -> {
          ByteBuffer body = body(bodyBytes);
          return packet(body, need(body, 4).getInt());
        }
        case OLD_PACKET -> {
          ByteBuffer body = body(bodyBytes);
          int number = Short.toUnsignedInt(need(body, 4).getShort());
          body.getShort(); // how many packets were dropped
          return packet(body, number);
        }
        case SIMPLE_PACKET -> {
          return simplePacket(body(bodyBytes));
        }
        default -> in.skip(bodyBytes + 4);
      }
    }
    return null;
  }

  private void section() throws IOException {
    ByteBuffer start = in.need(8);
    in.order(ByteOrder.BIG_ENDIAN);
    if (in.bytes().getInt(4) != BYTE_ORDER_MAGIC) {
      in.order(ByteOrder.LITTLE_ENDIAN);
      if (in.bytes().getInt(4) != BYTE_ORDER_MAGIC) {
        throw in.damaged("a section without a byte order");
      }
    }
    interfaces.clear();
    long rest = bodyBytes(start.getInt(0)) - 4;
    if (rest < 0) {
      throw in.damaged("a section header that is too short");
    }
    in.skip(rest + 4);
  }

  private long bodyBytes(int blockBytes) throws IOException {
    long bytes = Integer.toUnsignedLong(blockBytes);
    if (bytes < FRAME_BYTES || bytes % 4 != 0) {
      throw in.damaged("a block of " + bytes + " bytes; blocks have at least 12, and fours");
    }
    return bytes - FRAME_BYTES;
  }

  private ByteBuffer body(long bytes) throws IOException {
    ByteBuffer body = in.need(bytes + 4);
    return body.limit((int) bytes);
  }

  private ByteBuffer need(ByteBuffer body, long bytes) throws IOException {
    if (bytes > body.remaining()) {
      throw in.damaged("a block too short for what it holds: " + bytes + " bytes are missing");
    }
    return body;
  }

  private void addInterface(ByteBuffer body) throws IOException {
    if (interfaces.size() == MAX_INTERFACES) {
      throw in.damaged("more than " + MAX_INTERFACES + " interfaces");
    }
    int linkType = Short.toUnsignedInt(need(body, 8).getShort());
    body.getShort(); // reserved
    long snapshotBytes = Integer.toUnsignedLong(body.getInt());
    BigInteger unitsPerSecond = BigInteger.valueOf(MICROS_PER_SECOND);
    long offsetSeconds = 0;
    while (body.remaining() >= 4) {
      int option = Short.toUnsignedInt(body.getShort());
      int length = Short.toUnsignedInt(body.getShort());
      if (option == 0) {
        break;
      }
      int valueAt = need(body, length).position();
      if (option == TIME_RESOLUTION && length == 1) {
        int exponent = body.get(valueAt) & 0x7f;
        boolean powerOfTwo = body.get(valueAt) < 0;
        unitsPerSecond = BigInteger.valueOf(powerOfTwo ? 2 : 10).pow(exponent);
      } else if (option == TIME_OFFSET && length == 8) {
        offsetSeconds = body.getLong(valueAt);
      }
      body.position(Math.min(body.limit(), valueAt + (length + 3) / 4 * 4));
    }
    interfaces.add(new Interface(linkType, snapshotBytes, unitsPerSecond, offsetSeconds));
  }

  private Packet packet(ByteBuffer body, int number) throws IOException {
    Interface on = interfaceOf(number);
    long high = Integer.toUnsignedLong(need(body, 16).getInt());
    lastMicros = on.micros(high << 32 | Integer.toUnsignedLong(body.getInt()));
    long captured = Integer.toUnsignedLong(body.getInt());
    body.getInt(); // its length on the wire
    need(body, captured).limit(body.position() + (int) captured);
    return new Packet(on.linkType(), lastMicros, body);
  }

  /// A simple packet has no time of its own; it takes that of the one before.
  private Packet simplePacket(ByteBuffer body) throws IOException {
    Interface on = interfaceOf(0);
    long length = Integer.toUnsignedLong(need(body, 4).getInt());
    if (on.snapshotBytes() > 0) {
      length = Math.min(length, on.snapshotBytes());
    }
    body.limit(body.position() + (int) Math.min(length, body.remaining()));
    return new Packet(on.linkType(), lastMicros, body);
  }

  private Interface interfaceOf(int number) throws IOException {
    if (number < 0 || number >= interfaces.size()) {
      throw in.damaged(
          "a packet of interface "
              + Integer.toUnsignedString(number)
              + "; there are "
              + interfaces.size());
    }
    return interfaces.get(number);
  }
}
