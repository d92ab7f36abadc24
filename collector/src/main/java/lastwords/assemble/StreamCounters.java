package lastwords.assemble;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// What happened to datagrams on their way to messages; written by the reading thread, read by any.
///
/// To the datagram, and since the process began to read, once nothing waits, which is two seconds
/// after the last datagram at most:
///
/// ```
/// datagrams          = extended + basic + malformed + reread
/// extended + basic   = joined + duplicates + copies + records
/// messages           = records + furtherLines
/// ```
///
/// After a datagram that [#failed] the second line may be off by what it was part of.
public final class StreamCounters {
  /// Taken from the log.
  public final LongAdder datagrams = new LongAdder();

  public final LongAdder extended = new LongAdder();
  public final LongAdder basic = new LongAdder();
  public final LongAdder malformed = new LongAdder();

  /// Read once more after a restart, and accounted for before it.
  public final LongAdder reread = new LongAdder();

  /// Datagrams that made the reading fail, and were passed over.
  public final LongAdder failed = new LongAdder();

  /// Hosts whose state was reset, since reading or saving it failed.
  public final LongAdder hostsFailed = new LongAdder();

  /// Records longer than a kernel can send, of which the rest was cut.
  public final LongAdder truncated = new LongAdder();

  /// Datagrams that went on with a record another one had begun: further pieces, also those that
  /// came twice, and the rest of a cut line.
  public final LongAdder joined = new LongAdder();

  /// Printk records handed on.
  public final LongAdder records = new LongAdder();

  /// Lines of basic records behind the first one; each is a message of its own.
  public final LongAdder furtherLines = new LongAdder();

  /// Messages handed on.
  public final LongAdder messages = new LongAdder();

  /// Records that came again, by another path, target, or a reloaded module.
  public final LongAdder duplicates = new LongAdder();

  /// Basic records whose host sent them in the extended format too.
  public final LongAdder copies = new LongAdder();

  /// Sequence numbers given up as missing; not all of them were ever sent.
  public final LongAdder sequenceGaps = new LongAdder();

  /// Sequence numbers that came after they were given up.
  public final LongAdder sequenceGapsFilled = new LongAdder();

  /// Messages lost on the way, as far as kernels number what they send (`msgid`).
  public final LongAdder messagesLost = new LongAdder();

  /// Messages that came after the window for restoring order had passed.
  public final LongAdder late = new LongAdder();

  /// Fragmented records handed on with a hole, because a piece never came.
  public final LongAdder incomplete = new LongAdder();

  /// Records that were handed on early because as many of their host waited as may.
  public final LongAdder overflows = new LongAdder();

  /// Times that records were handed on early because those of their host held as many bytes as they
  /// may.
  public final LongAdder byteOverflows = new LongAdder();

  /// Times that records were handed on early because those of all hosts held as many bytes as they
  /// may.
  public final LongAdder fullOverflows = new LongAdder();

  public final LongAdder boots = new LongAdder();

  /// Hosts forgotten to make room for others.
  public final LongAdder evictedHosts = new LongAdder();

  /// Hosts known now, in memory or only by what the ledger has of them.
  public final AtomicLong hosts = new AtomicLong();

  public final AtomicLong hostsInMemory = new AtomicLong();
}
