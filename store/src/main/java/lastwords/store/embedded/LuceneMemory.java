package lastwords.store.embedded;

import java.io.IOException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.NRTCachingDirectory;

/// Files of an index that stay in memory until they are committed: what is written can be found,
/// also while the disk is full.
final class LuceneMemory extends NRTCachingDirectory {
  private final long maxBytes;

  /// @param maxBytes where so much is in memory, the next files go to the disk
  LuceneMemory(Directory disk, long maxBytes) {
    super(disk, 0, 0);
    this.maxBytes = maxBytes;
  }

  @Override
  protected boolean doCacheWrite(String name, IOContext context) {
    boolean isCommit = name.contains("segments_");
    return !isCommit && ramBytesUsed() < maxBytes;
  }

  /// What isn't committed by now is of no use to anybody.
  @Override
  public void close() throws IOException {
    for (String file : listCachedFiles()) {
      deleteFile(file);
    }
    super.close();
  }
}
