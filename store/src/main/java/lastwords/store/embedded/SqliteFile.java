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
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import lastwords.linux.Disk;
import lastwords.linux.WritableFile;
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

  /// SQLite empties the write-ahead log by itself at 4 MiB, unless reads overlap without end.
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

  /// Open as long as any session is: closing one of them gives up what locks SQLite has on it, and
  /// then the next process to close the ledger takes itself for the last one that had it open, and
  /// deletes what is not yet in its first file.
  private final Map<Path, WritableFile> reserved = new HashMap<>();

  private volatile boolean walTooLarge;
  private long emptiedNanos = System.nanoTime() - EMPTY_EVERY_NANOS;

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
      SqliteLibrary.unpackInto(this.file.resolveSibling(".").normalize());
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
      T result = writer.transaction(work);
      emptyWriteAheadLog();
      reserve();
      return result;
    } catch (SQLException e) {
      renewWriter(e);
      throw failed("can't be written", e);
    } finally {
      writing.unlock();
    }
  }

  /// Bounds the second file where reads overlap without end: those that take long are called off
  /// once it is too large.
  private void emptyWriteAheadLog() throws SQLException {
    long bytes = size(writeAheadLog);
    walTooLarge = bytes > MOST_WAL_BYTES;
    long now = System.nanoTime();
    if (bytes > WAL_BYTES && now - emptiedNanos >= EMPTY_EVERY_NANOS) {
      emptiedNanos = now;
      try {
        writer.script("PRAGMA busy_timeout = " + EMPTY_MILLIS);
        writer.all("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.getInt(1));
      } finally {
        writer.script("PRAGMA busy_timeout = " + BUSY_MILLIS);
      }
      walTooLarge = size(writeAheadLog) > MOST_WAL_BYTES;
    }
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

  /// A session whose transaction failed, as on a full disk, may not know that it is over. The next
  /// one is there before it is closed: the last to close deletes the second file.
  private void renewWriter(SQLException why) {
    try {
      SqliteSession next = writer();
      SqliteSession last = writer;
      writer = next;
      number(next, "SELECT count(*) FROM sqlite_schema");
      last.close();
    } catch (SQLException e) {
      why.addSuppressed(e);
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
