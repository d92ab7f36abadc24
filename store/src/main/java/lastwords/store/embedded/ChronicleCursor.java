package lastwords.store.embedded;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Datagram;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/// Reads a queue document by document and hands out their datagrams one by one.
///
/// A file deleted under it can still be read to its end; after that, or if it stood at the end, the
/// cursor looks up its place again. What a seek passed over, and offsets that are missing between
/// one datagram and the next, were deleted before it came.
final class ChronicleCursor implements Log.Cursor {
  private static final int NO_CYCLE = -1;

  private final Path folder;
  private final SingleChronicleQueue queue;
  private final Documents documents;
  private final ExcerptTailer tailer;
  private final List<Datagram> datagrams = new ArrayList<>();
  private int at;
  private ByteBuffer document = Documents.newBuffer(DatagramBatch.FULL_BYTES * 2);
  private int cycle = NO_CYCLE;
  private long offset;
  private long missed;

  ChronicleCursor(
      Path folder, SingleChronicleQueue queue, Documents documents, long offset, long first) {
    this.folder = folder;
    this.queue = queue;
    this.documents = documents;
    this.offset = Math.max(offset, first);
    missed = this.offset - offset;
    tailer = queue.createTailer();
    seek();
  }

  private void seek() {
    long index = documents.find(offset);
    // A file may be deleted between finding and opening it, but not the last one.
    while (index >= 0 && !tailer.moveToIndex(index)) {
      queue.refreshDirectoryListing();
      index = documents.find(offset);
    }
    if (index < 0) {
      tailer.toStart();
    }
    cycle = index < 0 ? NO_CYCLE : queue.rollCycle().toCycle(index);
  }

  @Override
  public @Nullable Datagram next() {
    while (at < datagrams.size() || load()) {
      while (at < datagrams.size()) {
        Datagram next = datagrams.get(at++);
        if (next.offset() >= offset) {
          missed += next.offset() - offset;
          offset = next.offset() + 1;
          return next;
        }
      }
    }
    return null;
  }

  private boolean load() {
    datagrams.clear();
    at = 0;
    try {
      if (loadNext()) {
        return true;
      }
      if (cycle == NO_CYCLE || documents.exists(cycle)) {
        return false;
      }
      seek();
      return loadNext();
    } catch (RuntimeException | InternalError e) {
      throw ChronicleLog.failed(folder, "can't be read at offset " + offset, e);
    }
  }

  private boolean loadNext() {
    try (DocumentContext context = tailer.readingDocument()) {
      if (!context.isPresent()) {
        return false;
      }
      cycle = queue.rollCycle().toCycle(context.index());
      document = Documents.copy(context, document);
    }
    DatagramBatch.read(document, datagrams::add);
    return true;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long missed() {
    return missed;
  }

  @Override
  public void close() {
    tailer.close();
  }
}
