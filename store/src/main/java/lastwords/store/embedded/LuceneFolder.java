package lastwords.store.embedded;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import lastwords.store.FreeSpace;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValuesSkipper;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogByteSizeMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One folder with one Lucene index, sorted by position, the newest first, so that a search for the
/// newest can stop early. Written through [#writer], read as of the last [#refresh].
///
/// It takes documents until it [#isFull]: when it holds as many as it may, or when its writer
/// failed [#MAX_FAILURES] times without a commit between, for a reason other than a full disk. Then
/// the caller continues in another folder, and this one can still be searched.
///
/// Not thread-safe; the reader it hands out is.
final class LuceneFolder implements AutoCloseable {
  enum Access {
    WRITE,
    READ
  }

  static final SortField NEWEST_FIRST =
      new SortField(LuceneDocument.POSITION, SortField.Type.LONG, true);

  /// What a writer holds back until it writes a segment.
  private static final int RAM_BUFFER_MEBIBYTES = 48;

  /// Failures of a writer, one after the other, after which it is given up.
  private static final int MAX_FAILURES = 3;

  /// How Lucene's message begins when a writer has as many documents as Lucene allows.
  private static final String LUCENE_IS_FULL = "number of documents in the index cannot exceed";

  /// With less room than some buffers of a writer, a failure may be the disk's.
  private static final long LEAST_ROOM_BYTES = (4L * RAM_BUFFER_MEBIBYTES) << 20;

  private static final Logger LOG = LoggerFactory.getLogger(LuceneFolder.class);

  private final Path path;
  private final Access access;
  private final long leastFreeBytes;
  private final int memoryMebibytes;
  private final int maxDocuments;
  private boolean damaged;
  private boolean givenUp;

  /// Whether it is from before this process: a new one is not given up for another new one.
  private boolean existed;

  private int failures;

  /// Documents that count for Lucene's limit, deleted ones included.
  private int documents;

  private long lowestPosition = Long.MAX_VALUE;
  private long highestPosition = Long.MIN_VALUE;

  /// -1 when it has to be looked up.
  private long knownBytes = -1;

  private @Nullable Directory directory;
  private @Nullable IndexWriter writer;
  private @Nullable DirectoryReader reader;

  /// @param leastFreeBytes no merge is begun that would leave less of the disk
  /// @param memoryMebibytes so much of what isn't committed yet needs no disk to be found
  /// @param maxDocuments so many documents make it full, deleted ones included
  /// @throws UncheckedIOException when there is an index that can't be read, with its path
  LuceneFolder(
      Path path, Access access, long leastFreeBytes, int memoryMebibytes, int maxDocuments) {
    this.path = path;
    this.access = access;
    this.leastFreeBytes = leastFreeBytes;
    this.memoryMebibytes = memoryMebibytes;
    this.maxDocuments = maxDocuments;
    this.existed = Files.exists(path);
    if (access == Access.WRITE) {
      refreshOrSetAside();
    } else {
      refresh();
    }
  }

  /// Whether something damaged was set aside here since the last call.
  boolean takeDamaged() {
    boolean was = damaged;
    damaged = false;
    return was;
  }

  /// Whether no more documents should be written here.
  boolean isFull() {
    return givenUp || documents >= maxDocuments;
  }

  /// Writes a document without looking for another one in its place.
  ///
  /// @return false when Lucene takes no more documents here; the folder is full then
  /// @throws IllegalArgumentException when the document itself can't be written
  boolean add(Document document, long position) throws IOException {
    IndexWriter open = writer();
    try {
      open.addDocument(document);
    } catch (IllegalArgumentException e) {
      if (!isFull(e)) {
        throw e;
      }
      return false;
    }
    count(position);
    return true;
  }

  /// The same for a document that replaces those with a term.
  boolean update(Term term, Document document, long position) throws IOException {
    IndexWriter open = writer();
    try {
      open.updateDocument(term, document);
    } catch (IllegalArgumentException e) {
      if (!isFull(e)) {
        throw e;
      }
      return false;
    }
    count(position);
    return true;
  }

  /// Whether Lucene refused a document because there are too many.
  private boolean isFull(IllegalArgumentException e) {
    String why = e.getMessage();
    if (why == null || !why.startsWith(LUCENE_IS_FULL)) {
      return false;
    }
    LOG.info("{} takes no more documents: {}", path, why);
    givenUp = true;
    return true;
  }

  private void count(long position) {
    documents++;
    lowestPosition = Math.min(lowestPosition, position);
    highestPosition = Math.max(highestPosition, position);
  }

  /// Whether a document with this position may be here.
  boolean mayHold(long position) {
    return position >= lowestPosition && position <= highestPosition;
  }

  private void measure() {
    DirectoryReader now = reader;
    documents = now == null ? 0 : now.maxDoc();
    lowestPosition = Long.MAX_VALUE;
    highestPosition = Long.MIN_VALUE;
    if (now != null && documents > 0) {
      try {
        lowestPosition = DocValuesSkipper.globalMinValue(now, LuceneDocument.POSITION);
        highestPosition = DocValuesSkipper.globalMaxValue(now, LuceneDocument.POSITION);
      } catch (IOException e) {
        throw damaged(e);
      }
    }
  }

  /// Gives up what was not committed, after a failure.
  void goBack() {
    IndexWriter failed = writer;
    writer = null;
    knownBytes = -1;
    try {
      closeReader();
      if (failed != null) {
        failed.rollback();
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("{}: {}", path, e.toString());
    }
    closeDirectory();
    Throwable why = failed == null ? null : failed.getTragicException();
    if (why instanceof CorruptIndexException || why instanceof EOFException) {
      setAside(failed(new IOException(why.getMessage(), why)));
      return;
    }
    if (why != null) {
      noteFailure(String.valueOf(why.getMessage()));
    }
    refreshOrSetAside();
  }

  /// Counts a failure of its own writer.
  private void noteFailure(String why) {
    if (++failures >= MAX_FAILURES && (existed || documents > 0) && !givenUp && hasRoom()) {
      givenUp = true;
      LOG.error("{} can't be written ({}): nothing more is written there", path, why);
    }
  }

  /// On a full disk another folder fares no better.
  private boolean hasRoom() {
    try {
      return new FreeSpace(path.toAbsolutePath().resolveSibling(".")).bytes()
          > Math.max(leastFreeBytes, LEAST_ROOM_BYTES);
    } catch (UncheckedIOException _) {
      return false;
    }
  }

  private void refreshOrSetAside() {
    try {
      refresh();
      measure();
    } catch (UncheckedIOException e) {
      if (!isDamage(e.getCause())) {
        throw e;
      }
      setAside(e);
    }
  }

  /// What a disk that is full or fails can't be the reason of.
  private static boolean isDamage(@Nullable Throwable why) {
    return why instanceof CorruptIndexException
        || why instanceof IndexFormatTooOldException
        || why instanceof IndexFormatTooNewException
        || why instanceof IndexNotFoundException
        || why instanceof EOFException
        || why instanceof NoSuchFileException
        || why instanceof FileNotFoundException;
  }

  /// Renames the folder, so that people can look at it, and begins an empty one.
  void setAside(Exception why) {
    try {
      try {
        close();
      } catch (UncheckedIOException e) {
        LOG.debug("{}: {}", path, e.toString()); // what can't be closed is given up with the rest
      }
      Path aside = path;
      for (int i = 1; Files.exists(aside); i++) {
        aside = path.resolveSibling(path.getFileName() + ".damaged-" + i);
      }
      Files.move(path, aside);
      damaged = true;
      existed = false;
      givenUp = false;
      failures = 0;
      documents = 0;
      lowestPosition = Long.MAX_VALUE;
      highestPosition = Long.MIN_VALUE;
      LOG.error(
          "{}; it is now {}, may be deleted, and is made again from log and ledger",
          why.getMessage(),
          aside);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  Path path() {
    return path;
  }

  /// What was found at the last refresh; null when there was no index.
  @Nullable DirectoryReader reader() {
    return reader;
  }

  /// The writer, opened when it isn't yet. It locks the folder until [#stopWriting].
  IndexWriter writer() {
    if (writer == null) {
      if (access == Access.READ) {
        throw new IllegalStateException(path + " is open for reading only");
      }
      try {
        IndexWriterConfig config = new IndexWriterConfig(LuceneWords.analyzer());
        config.setIndexSort(new Sort(NEWEST_FIRST));
        config.setMergePolicy(new LuceneMerges(new LogByteSizeMergePolicy(), path, leastFreeBytes));
        config.setRAMBufferSizeMB(RAM_BUFFER_MEBIBYTES);
        writer = new IndexWriter(directory(), config);
      } catch (LockObtainFailedException e) {
        throw new UncheckedIOException(
            "the index in " + path + " is being written by another process", e);
      } catch (IOException | IllegalArgumentException e) {
        noteFailure(String.valueOf(e.getMessage()));
        throw damaged(e);
      }
    }
    return writer;
  }

  /// Commits, and closes the writer.
  void stopWriting() {
    if (writer == null) {
      return;
    }
    knownBytes = -1;
    try {
      closeWriter(writer);
      closeReader(); // it belonged to the writer
    } catch (IOException e) {
      throw failed(e);
    }
    refresh();
  }

  void commit() {
    try {
      if (writer != null) {
        writer.commit();
        failures = 0;
        knownBytes = -1;
      }
    } catch (IOException | AlreadyClosedException e) {
      throw failed(e);
    }
  }

  void commit(Map<String, String> notes) {
    writer().setLiveCommitData(notes.entrySet());
    commit();
  }

  /// The notes of the last commit there was at the last refresh.
  Map<String, String> notes() {
    try {
      return reader == null ? Map.of() : reader.getIndexCommit().getUserData();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// Makes [#reader] see all that was written or, without a writer of our own, committed.
  void refresh() {
    try {
      DirectoryReader newer = newer();
      if (newer != null) {
        closeReader();
        reader = newer;
        knownBytes = -1;
      }
    } catch (AlreadyClosedException e) {
      throw failed(e);
    } catch (IOException | IllegalArgumentException e) {
      if (access == Access.WRITE || isThere()) {
        closeReader();
        throw damaged(e);
      }
    }
  }

  private @Nullable DirectoryReader newer() throws IOException {
    if (writer != null) {
      return reader == null
          ? DirectoryReader.open(writer)
          : DirectoryReader.openIfChanged(reader, writer);
    }
    if (reader != null) {
      // Without a writer, our own folders stand still.
      return access == Access.WRITE ? null : DirectoryReader.openIfChanged(reader);
    }
    return isThere() ? DirectoryReader.open(directory()) : null;
  }

  /// Whether there is an index: the process that writes may not have begun yet, or dropped it.
  private boolean isThere() {
    try {
      return Files.isDirectory(path) && DirectoryReader.indexExists(directory());
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private Directory directory() throws IOException {
    if (directory == null) {
      Directory files = FSDirectory.open(path);
      directory =
          memoryMebibytes == 0 || access == Access.READ
              ? files
              : new LuceneMemory(files, (long) memoryMebibytes << 20);
    }
    return directory;
  }

  /// What it occupies on disk, as of the last commit or refresh.
  long bytes() {
    if (knownBytes < 0) {
      knownBytes = look();
    }
    return knownBytes;
  }

  private long look() {
    long bytes = 0;
    try {
      if (directory != null && Files.isDirectory(path)) {
        for (String file : directory.listAll()) {
          bytes += length(directory, file);
        }
      }
    } catch (IOException e) {
      throw failed(e);
    }
    return bytes;
  }

  /// 0 for a file that a merge has deleted meanwhile.
  private static long length(Directory directory, String file) throws IOException {
    try {
      return directory.fileLength(file);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  /// Closes and deletes the index; searches under way see it to their end.
  void delete() {
    close();
    delete(path);
  }

  /// Deletes the index in a folder that isn't open.
  static void delete(Path path) {
    try (Directory gone = FSDirectory.open(path)) {
      for (String file : gone.listAll()) {
        gone.deleteFile(file);
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /// Commits what was written.
  @Override
  public void close() {
    try {
      try {
        closeReader();
        if (writer != null) {
          closeWriter(writer);
        }
      } finally {
        closeDirectory();
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// Commits, and gives up merges under way, which may take minutes.
  private void closeWriter(IndexWriter open) throws IOException {
    writer = null;
    try {
      if (open.isOpen()) { // a failed write has closed it
        open.commit();
      }
    } finally {
      open.rollback();
    }
  }

  private void closeDirectory() {
    try {
      Directory open = directory;
      directory = null;
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void closeReader() {
    try {
      DirectoryReader open = reader;
      reader = null;
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private UncheckedIOException damaged(Exception e) {
    return new UncheckedIOException(
        "the index in " + path + " can't be read (" + e.getMessage() + ")",
        e instanceof IOException io ? io : new IOException(e));
  }

  /// What a failure of Lucene is to the index's users.
  UncheckedIOException failed(Exception e) {
    return failed(path, e);
  }

  private static UncheckedIOException failed(Path path, Exception e) {
    IOException cause = e instanceof IOException io ? io : new IOException(e);
    return new UncheckedIOException("the index in " + path + ": " + e.getMessage(), cause);
  }
}
