package lastwords.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Sends records of the extended format at a steady rate, and prints how many: `HOST PORT RATE
/// SECONDS BYTES`.
final class FloodSender {
  /// Sent in one go; then it waits for its time.
  private static final int BURST = 50;

  private FloodSender() {}

  public static void main(String[] args) throws IOException {
    InetSocketAddress to =
        new InetSocketAddress(InetAddress.ofLiteral(args[0]), Integer.parseInt(args[1]));
    long rate = Long.parseLong(args[2]);
    long count = rate * Long.parseLong(args[3]);
    int bytes = Integer.parseInt(args[4]);
    long sent = 0;
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.connect(to);
      ByteBuffer payload = payload(bytes);
      long start = System.nanoTime();
      while (sent < count) {
        for (int i = 0; i < BURST && sent < count; i++) {
          channel.write(payload.rewind());
          sent++;
        }
        long left = start + sent * TimeUnit.SECONDS.toNanos(1) / rate - System.nanoTime();
        if (left > 0) {
          LockSupport.parkNanos(left);
        }
      }
    }
    System.out.println(sent);
  }

  private static ByteBuffer payload(int bytes) {
    ByteBuffer payload = ByteBuffer.allocateDirect(bytes);
    byte[] head = "6,1,1000000,-;".getBytes(StandardCharsets.US_ASCII);
    payload.put(head, 0, Math.min(head.length, bytes));
    while (payload.hasRemaining()) {
      payload.put((byte) 'x');
    }
    return payload;
  }
}
