package lastwords.capture;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import lastwords.kernel.Datagram;
import org.jspecify.annotations.Nullable;

/// Reads the UDP datagrams of a capture: pcap of either byte order with micro- or nanoseconds, or
/// pcapng, either of them gzipped or not.
///
/// Understood are Ethernet with VLAN tags, raw IP, Linux "cooked" and loopback links, IPv4 with
/// options and IPv6 with extension headers. What isn't a whole UDP datagram is passed over and
/// counted. A datagram's offset is its number among those returned, from 0. A file that is damaged
/// or cut off gives everything before the damage, then throws. Memory does not grow with the file.
/// Belongs to one thread.
public final class CaptureReader implements AutoCloseable {
  private static final int MAGIC_BYTES = 4;

  private final Input in;
  private final Packets packets;
  private final UdpPackets udp = new UdpPackets();
  private long datagrams;

  private CaptureReader(Input in, Packets packets) {
    this.in = in;
    this.packets = packets;
  }

  /// Opens a file.
  ///
  /// @throws IOException when it can't be read or is no capture; says which file and why
  public static CaptureReader open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a folder");
    }
    return of(file.toString(), Files.newInputStream(file));
  }

  /// Reads a capture from a stream, which it closes with itself.
  ///
  /// @param name what errors call it
  public static CaptureReader of(String name, InputStream stream) throws IOException {
    try {
      InputStream plain = unzipped(stream);
      Input in = new Input(name, plain);
      return new CaptureReader(in, packets(in));
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  /// Whether these first bytes of a file, at least four, are those of a capture or of a gzipped
  /// file.
  public static boolean recognizes(byte[] start) {
    if (start.length < MAGIC_BYTES) {
      return false;
    }
    int magic = java.nio.ByteBuffer.wrap(start).getInt();
    return isGzip(start) || magic == Pcapng.SECTION || Pcap.knows(magic);
  }

  /// The next datagram, or null at the end of the file.
  ///
  /// @throws IOException when the file is damaged or cut off here; names file, byte and what is
  ///   wrong
  public @Nullable Datagram next() throws IOException {
    Packet packet;
    while ((packet = packets.next()) != null) {
      Datagram datagram = udp.datagram(packet, datagrams);
      if (datagram != null) {
        datagrams++;
        return datagram;
      }
    }
    return null;
  }

  /// How many datagrams [#next] returned.
  public long datagrams() {
    return datagrams;
  }

  /// How many packets were no UDP over IP, or not as such readable.
  public long others() {
    return udp.others();
  }

  /// How many packets were fragments of IP, which are not joined.
  public long fragments() {
    return udp.fragments();
  }

  /// How many UDP datagrams were captured without their end.
  public long cut() {
    return udp.cut();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private static boolean isGzip(byte[] start) {
    return start[0] == 0x1f && start[1] == (byte) 0x8b;
  }

  private static InputStream unzipped(InputStream stream) throws IOException {
    InputStream buffered = new BufferedInputStream(stream, 1 << 16);
    buffered.mark(MAGIC_BYTES);
    byte[] start = buffered.readNBytes(MAGIC_BYTES);
    buffered.reset();
    return start.length >= 2 && isGzip(start)
        ? new BufferedInputStream(new GZIPInputStream(buffered, 1 << 16), 1 << 16)
        : buffered;
  }

  private static Packets packets(Input in) throws IOException {
    if (!in.fill(MAGIC_BYTES)) {
      throw in.damaged("the file is empty; this should be a pcap or pcapng capture");
    }
    int magic = in.bytes().getInt(0);
    if (magic == Pcapng.SECTION) {
      return new Pcapng(in);
    }
    if (Pcap.knows(magic)) {
      return new Pcap(in, magic);
    }
    throw in.damaged("neither pcap nor pcapng: it begins with the bytes %08x".formatted(magic));
  }
}
