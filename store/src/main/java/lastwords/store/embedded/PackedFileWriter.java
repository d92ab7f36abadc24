package lastwords.store.embedded;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import lastwords.store.DatagramBatch;

/// Writes a [PackedFile].
final class PackedFileWriter implements AutoCloseable {
  /// Little at a time, so that the log's own writing through waits for little.
  private static final long SYNC_EVERY_BYTES = 4 << 20;

  private final FileOutputStream file;
  private final FileChannel channel;
  private final ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long[] index = new long[128];
  private int count;
  private long position;
  private long synced;

  PackedFileWriter(Path path) throws IOException {
    file = new FileOutputStream(path.toFile());
    channel = file.getChannel();
  }

  void add(ByteBuffer document) throws IOException {
    if (index.length == 2 * count) {
      index = Arrays.copyOf(index, 2 * index.length);
    }
    index[2 * count] = DatagramBatch.firstOffset(document);
    index[2 * count + 1] = position;
    count++;
    int padding = -document.remaining() & (Integer.BYTES - 1);
    writeWord(document.remaining());
    write(document);
    write(ByteBuffer.allocate(padding));
    if (position - synced >= SYNC_EVERY_BYTES) {
      channel.force(false);
      synced = position;
    }
  }

  /// Writes the index, and all of it through to the disk.
  void finish() throws IOException {
    writeWord(QueueFile.END);
    ByteBuffer bytes = ByteBuffer.allocate(count * PackedFile.ENTRY_BYTES + Long.BYTES);
    bytes.asLongBuffer().put(index, 0, 2 * count).put(count);
    write(bytes);
    channel.force(true);
  }

  long bytes() {
    return position;
  }

  private void writeWord(int value) throws IOException {
    write(word.clear().putInt(value).flip());
  }

  private void write(ByteBuffer bytes) throws IOException {
    position += bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
