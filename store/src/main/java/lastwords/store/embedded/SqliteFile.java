package lastwords.store.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import lastwords.linux.Disk;
import lastwords.linux.WritableFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteErrorCode;

/// The file of a ledger, and transactions on it.
///
/// One session writes, behind a lock; any number read what was committed before they began, without
/// waiting for the writer (write-ahead log). Other processes may do the same: a writer waits up to
/// [#BUSY_MILLIS] for another's transaction. `synchronous=FULL`, since a ledger's methods promise
/// that what they did is durable when they return, and `NORMAL` may lose the last ones with the
/// power.
///
/// Linux reports a failed write once, and a later `fsync` of the same file succeeds (`man 2 fsync`,
/// "EIO"). SQLite writes again what it could not sync, which is in vain as long as the kernel takes
/// the blocks for written: so after a failure the kernel forgets its copies of both files, and
/// SQLite continues from what the disk has, which is what its last successful sync left. The
/// failure is [#problem] until all was written into the first file, both files were synced, and the
/// write-ahead log was emptied. SQLite would write back by itself, but drop the failures of that:
/// here [#writeBack] does.
final class SqliteFile implements AutoCloseable {
  private static final int BUSY_MILLIS = 30_000;
  private static final int PEEK_BUSY_MILLIS = 1_000;
  private static final int IDLE_READERS = 8;

  /// What one read may take. The write-ahead log can't be emptied below what a read still sees, so
  /// that one that never ended would fill the disk.
  private static final long READ_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  /// What it may take once the write-ahead log is beyond [#MOST_WAL_BYTES].
  private static final long SHORT_READ_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// Instructions of SQLite between two looks at a read's time: less than 10 ms.
  private static final int LOOK_EVERY = 100_000;

  /// Pages in the write-ahead log from which on they are written into the first file: 4 MiB.
  private static final int WRITE_BACK_PAGES = 1_000;

  /// Writing back leaves the write-ahead log smaller, unless reads overlap without end.
  private static final long WAL_BYTES = 32 << 20;

  private static final long MOST_WAL_BYTES = 4 * WAL_BYTES;
  private static final long EMPTY_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// How long a writer waits for reads when it empties the write-ahead log.
  private static final int EMPTY_MILLIS = 100;

  /// Tells a ledger from other SQLite files: `LWLG`.
  private static final int APPLICATION_ID = 0x4c574c47;

  /// Each makes the version after the one before it; a new file goes through all.
  static final List<String> SCHEMAS =
      List.of(
          "ledger.sql",
          "ledger-2.sql",
          "ledger-3.sql",
          "ledger-4.sql",
          "ledger-5.sql",
          "ledger-6.sql",
          "ledger-7.sql",
          "ledger-8.sql");

  static final int VERSION = SCHEMAS.size();

  /// Computes what is derived from crashes.
  static final String SUMS = "ledger-7.sql";

  /// Disk blocks that are kept beyond the end of each of its two files, for whatever fills the
  /// disk: some hundred crashes, with their alarms. As many are kept while nobody has it open, for
  /// the second file, which is deleted then.
  private static final long AHEAD_BYTES = 8 << 20;

  private static final long LEAST_AHEAD_BYTES = 512 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(SqliteFile.class);

  private final long readLimitNanos;
  private final Path file;
  private final Path writeAheadLog;
  private final Path sharedMemory;
  private final Path spare;
  private final ReentrantLock writing = new ReentrantLock();
  private SqliteSession writer;
  private boolean writerFailed;

  /// Open as long as any session is: closing one of them gives up what locks SQLite has on it, and
  /// then the next process to close the ledger takes itself for the last one that had it open, and
  /// deletes what is not yet in its first file.
  private final Map<Path, WritableFile> reserved = new HashMap<>();

  private volatile boolean walTooLarge;
  private long emptiedNanos = System.nanoTime() - EMPTY_EVERY_NANOS;
  private volatile @Nullable String problem;
  private final LongAdder failures = new LongAdder();

  private final BlockingQueue<SqliteSession> readers = new LinkedBlockingQueue<>(IDLE_READERS);

  /// @throws UncheckedIOException when the file is no ledger, or of a newer version, or damaged
  SqliteFile(Path file) {
    this(file, READ_LIMIT_NANOS);
  }

  /// @param readLimitNanos what one read may take
  SqliteFile(Path file, long readLimitNanos) {
    this.readLimitNanos = readLimitNanos;
    this.file = file.toAbsolutePath();
    writeAheadLog = Path.of(this.file + "-wal");
    sharedMemory = Path.of(this.file + "-shm");
    spare = Path.of(this.file + "-spare");
    try {
      Files.createDirectories(this.file.resolveSibling("."));
      Files.deleteIfExists(spare);
      SqliteLibrary.unpackBeside(this.file);
      boolean isNew = size(this.file) == 0;
      writer = writer();
      boolean opened = false;
      try {
        if (isNew) {
          // So that it can give pages back; of no effect later, when it would wait for the lock.
          writer.script("PRAGMA auto_vacuum = INCREMENTAL");
        }
        writer.transaction(this::makeOrCheck);
        useWriteAheadLog();
        reserve();
        opened = true;
      } finally {
        if (!opened) {
          writer.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw failed("can't be opened as a ledger", e);
    }
  }

  /// A number from a file that may be damaged, of another version or in use; waits for nobody.
  ///
  /// @throws UncheckedIOException when there is none, or it can't be read
  static long peek(Path file, String sql) {
    SqliteLibrary.unpackBeside(file);
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(PEEK_BUSY_MILLIS);
    try (Connection connection = config.createConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    } catch (SQLException e) {
      throw new UncheckedIOException(
          new IOException(file + " can't be read: " + e.getMessage(), e));
    }
  }

  /// The one statement that SQLite doesn't let wait while another process makes the same switch.
  private void useWriteAheadLog() throws SQLException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BUSY_MILLIS);
    while (true) {
      try {
        writer.one("PRAGMA journal_mode = WAL", row -> row.getString(1));
        return;
      } catch (SQLException e) {
        boolean busy = (e.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code;
        if (!busy || System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    }
  }

  /// Does something as a whole, or nothing of it when it throws.
  <T> T write(SqliteSession.Work<T> work) {
    writing.lock();
    try {
      if (writerFailed) {
        renewWriter();
      }
      T result = writer.transaction(work);
      writeBack();
      reserve();
      return result;
    } catch (SQLException e) {
      replaceWriter(e);
      throw failed("can't be written", e);
    } finally {
      writing.unlock();
    }
  }

  /// Writes the write-ahead log into the first file when it is long enough. A failure is no failure
  /// of the transaction before, which is durable in the write-ahead log.
  private void writeBack() {
    try {
      if (problem != null || size(writeAheadLog) > WAL_BYTES) {
        emptyWriteAheadLog();
      } else if (checkpoint("NOOP").waiting() >= WRITE_BACK_PAGES) {
        checkpoint("PASSIVE");
      }
      walTooLarge = size(writeAheadLog) > MOST_WAL_BYTES;
    } catch (SQLException e) {
      replaceWriter(e);
      LOG.debug("{}: {}", file, e.toString());
    }
  }

  /// Bounds the second file where reads overlap without end: those that take long are called off
  /// once it is too large. What could not be synced before is synced then.
  private void emptyWriteAheadLog() throws SQLException {
    long now = System.nanoTime();
    if (now - emptiedNanos < EMPTY_EVERY_NANOS) {
      return;
    }
    emptiedNanos = now;
    boolean emptied;
    try {
      writer.script("PRAGMA busy_timeout = " + EMPTY_MILLIS);
      emptied = checkpoint("TRUNCATE").wasComplete();
    } finally {
      writer.script("PRAGMA busy_timeout = " + BUSY_MILLIS);
    }
    if (emptied && problem != null) {
      problem = null;
      LOG.warn("{} recovered: all of it was written and synced again", file);
    }
  }

  /// What SQLite's `wal_checkpoint` returns.
  ///
  /// @param busy whether others kept it from its end
  /// @param pages in the write-ahead log
  /// @param done those of them that are in the first file
  private record WrittenBack(boolean busy, int pages, int done) {
    int waiting() {
      return pages - done;
    }

    boolean wasComplete() {
      return !busy && waiting() == 0;
    }
  }

  private WrittenBack checkpoint(String mode) throws SQLException {
    return writer
        .one(
            "PRAGMA wal_checkpoint(" + mode + ")",
            row -> new WrittenBack(row.getInt(1) != 0, row.getInt(2), row.getInt(3)))
        .orElseThrow();
  }

  /// Counts a failure of the disk, and remembers it as [#problem]. A full disk is none: it is
  /// reported by the kernel before it takes anything.
  private void noteFailure(SQLException e) {
    if ((e.getErrorCode() & 0xff) != SQLiteErrorCode.SQLITE_IOERR.code) {
      return;
    }
    failures.increment();
    String why = file + ": the disk failed to take what was written: " + e.getMessage();
    if (!why.equals(problem)) {
      LOG.error("{}; it counts as failed until all of it was written and synced again", why);
    }
    problem = why;
    forgetCopies();
  }

  private void forgetCopies() {
    for (Path file : List.of(writeAheadLog, file)) {
      try {
        open(file).forgetCopy();
      } catch (IOException again) {
        LOG.debug("{}: {}", file, again.toString());
      }
    }
  }

  /// Why the disk isn't trusted, null while it is. Safe for any thread; waits for nothing.
  @Nullable String problem() {
    return problem;
  }

  /// How often the disk failed, since it was opened.
  long failures() {
    return failures.sum();
  }

  /// What both files have of the disk, with what is kept beyond their ends.
  long bytes() {
    return allocated(file) + allocated(writeAheadLog);
  }

  private static long allocated(Path of) {
    return Files.exists(of) ? Disk.allocatedBytes(of) : 0;
  }

  private static long size(Path of) {
    try {
      return Files.size(of);
    } catch (IOException e) {
      return 0;
    }
  }

  /// A session whose transaction failed, as on a full disk, may not know that it is over.
  private void replaceWriter(SQLException why) {
    writerFailed = true;
    noteFailure(why);
    try {
      renewWriter();
    } catch (SQLException e) {
      why.addSuppressed(e); // the next write tries again
    }
  }

  /// The next one is open before the last one is closed: the last to close deletes the second file.
  private void renewWriter() throws SQLException {
    SqliteSession next = writer();
    try {
      number(next, "SELECT count(*) FROM sqlite_schema");
    } catch (SQLException e) {
      close(next);
      throw e;
    }
    SqliteSession last = writer;
    writer = next;
    writerFailed = false;
    close(last);
  }

  private void close(SqliteSession failed) {
    try {
      failed.close();
    } catch (SQLException e) {
      LOG.debug("{}: {}", file, e.toString());
    }
  }

  /// Keeps disk blocks for what will be written next; asked each time, since SQLite gives them back
  /// now and then. Without them it can be written as long as the disk has some.
  private void reserve() {
    try {
      // It is mapped, and SQLite writes only one byte of each page: too little where a block of the
      // file system is smaller than that.
      if (Files.exists(sharedMemory)
          && Disk.allocatedBytes(sharedMemory) < Files.size(sharedMemory)) {
        open(sharedMemory).reserve(0, Files.size(sharedMemory));
      }
      for (Path growing : List.of(writeAheadLog, file)) {
        if (Files.exists(growing)
            && Disk.allocatedBytes(growing) < Files.size(growing) + AHEAD_BYTES / 2) {
          reserve(open(growing), Files.size(growing));
        }
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("{}: {}", file, e.toString());
    }
  }

  private WritableFile open(Path growing) throws IOException {
    WritableFile open = reserved.get(growing);
    if (open == null) {
      open = new WritableFile(growing);
      reserved.put(growing, open);
    }
    return open;
  }

  /// As many as there are.
  private static void reserve(WritableFile growing, long from) {
    for (long bytes = AHEAD_BYTES; bytes >= LEAST_AHEAD_BYTES; bytes /= 2) {
      try {
        growing.reserve(from, bytes);
        return;
      } catch (IOException e) {
        LOG.debug("{}", e.toString());
      }
    }
  }

  /// Reads from one state of the ledger.
  <T> T read(SqliteSession.Work<T> work) {
    try {
      SqliteSession idle = readers.poll();
      SqliteSession reader = idle == null ? reader() : idle;
      try {
        reader.begun();
        return reader.transaction(work);
      } finally {
        if (!readers.offer(reader)) {
          reader.close();
        }
      }
    } catch (SQLException e) {
      throw failed("can't be read", e);
    }
  }

  /// The statements of the reads that were made.
  Set<String> statements() {
    Set<String> statements = new TreeSet<>();
    readers.forEach(reader -> statements.addAll(reader.statements()));
    return statements;
  }

  private SqliteSession writer() throws SQLException {
    SqliteSession session = session("BEGIN IMMEDIATE");
    session.script("PRAGMA journal_size_limit = " + WAL_BYTES);
    session.script("PRAGMA wal_autocheckpoint = 0");
    return session;
  }

  private SqliteSession reader() throws SQLException {
    SqliteSession session = session("BEGIN");
    session.limit(
        LOOK_EVERY, nanos -> nanos > (walTooLarge ? SHORT_READ_LIMIT_NANOS : readLimitNanos));
    return session;
  }

  private SqliteSession session(String begin) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_MILLIS);
    config.setSynchronous(SynchronousMode.FULL);
    return new SqliteSession(config.createConnection("jdbc:sqlite:" + file), begin);
  }

  private int makeOrCheck(SqliteSession in) throws SQLException {
    int application = number(in, "PRAGMA application_id");
    int version = number(in, "PRAGMA user_version");
    boolean empty = number(in, "SELECT count(*) FROM sqlite_schema") == 0;
    if (empty && application == 0 && version == 0) {
      in.script("PRAGMA application_id = " + APPLICATION_ID);
      upgrade(in, 0);
      return in.change(
          "INSERT INTO value VALUES ('id', ?), ('last_change', 0), ('alerted_up_to', 0)",
          UUID.randomUUID().toString());
    }
    if (application != APPLICATION_ID) {
      throw refused("is the database of another program; move it away, or choose another folder");
    }
    if (version < VERSION) {
      return upgrade(in, version);
    }
    if (version != VERSION) {
      throw refused(
          "is a ledger of version %d, and this program knows version %d; use the program that wrote it"
              .formatted(version, VERSION));
    }
    return 0;
  }

  /// Returns how many versions it went up.
  private static int upgrade(SqliteSession in, int from) throws SQLException {
    for (String schema : SCHEMAS.subList(from, VERSION)) {
      in.script(schema(schema));
    }
    in.script("PRAGMA user_version = " + VERSION);
    return VERSION - from;
  }

  /// The script of that name, from the program.
  static String schema(String name) {
    try (InputStream schema = SqliteFile.class.getResourceAsStream(name)) {
      if (schema == null) {
        throw new IllegalStateException(name + " is missing from the program");
      }
      return new String(schema.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int number(SqliteSession in, String sql) throws SQLException {
    return in.one(sql, row -> row.getInt(1)).orElseThrow();
  }

  private UncheckedIOException refused(String why) {
    return new UncheckedIOException(new IOException(file + " " + why));
  }

  private UncheckedIOException failed(String what, SQLException e) {
    String advice =
        switch (SQLiteErrorCode.getErrorCode(e.getErrorCode() & 0xff)) {
          case SQLITE_NOTADB, SQLITE_CORRUPT ->
              "; it is damaged or no ledger at all: put back a copy of it, or move it away, and a"
                  + " new one will be made";
          case SQLITE_INTERRUPT -> "; the read took too long and was called off";
          default -> "";
        };
    return new UncheckedIOException(
        new IOException(file + " " + what + ": " + e.getMessage() + advice, e));
  }

  /// Once nobody uses it any more.
  @Override
  public void close() {
    writing.lock();
    try {
      for (SqliteSession reader = readers.poll(); reader != null; reader = readers.poll()) {
        reader.close();
      }
      writer.close();
      reserved.values().forEach(WritableFile::close);
      keepSpare();
    } catch (SQLException e) {
      throw failed("can't be closed", e);
    } finally {
      writing.unlock();
    }
  }

  private void keepSpare() {
    try {
      Files.write(spare, new byte[0]);
      try (WritableFile growing = new WritableFile(spare)) {
        reserve(growing, 0);
      }
    } catch (IOException e) {
      LOG.debug("nothing can be kept in {}: {}", spare, e.toString());
    }
  }
}
