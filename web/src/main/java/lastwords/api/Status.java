package lastwords.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the running program says of itself: what `/stats` answers, and `/readyz` and `/metrics` are
/// made of. Counters count since its start.
///
/// What was sent to its sockets is `datagrams + socketDrops`; and once nothing is under way,
/// `datagrams = stored + notAppended` and what is `refused`.
///
/// @param datagrams read off the sockets
/// @param bytes of their payloads
/// @param socketDrops dropped by this machine's kernel because a socket's buffer was full
/// @param malformed datagrams that were kept but couldn't be understood
/// @param appended datagrams in the log, those deleted by retention included
/// @param indexed datagrams of the log the index accounts for
/// @param analyzed datagrams of the log analysis accounts for
/// @param indexLagSeconds age of the oldest datagram that can't be found yet, 0 when there is none
/// @param logBytes what the log occupies on disk
/// @param indexBytes what the index occupies on disk
/// @param stored of `datagrams`, those in the log
/// @param notAppended of `datagrams`, those lost because the log couldn't be written
/// @param deleted of `appended`, those deleted by retention
/// @param refused of `datagrams`, those passed over, by reason
/// @param sockets each socket by itself
/// @param readers how far each reader has come
/// @param outbox what is to be delivered
/// @param canary what became of the datagrams the collector sent itself; null before the first
/// @param configuration what became of changes to it
/// @param notReady why it can't receive or search now, a sentence each; empty when it can
public record Status(
    long datagrams,
    long bytes,
    long socketDrops,
    long malformed,
    long appended,
    long indexed,
    long analyzed,
    @JsonProperty("index_lag_s") double indexLagSeconds,
    long logBytes,
    long indexBytes,
    long stored,
    long notAppended,
    long deleted,
    Map<String, Long> refused,
    List<Socket> sockets,
    List<Reader> readers,
    Disk disk,
    Outbox outbox,
    @Nullable Canary canary,
    Configuration configuration,
    @JsonIgnore List<String> notReady) {

  /// The same with other reasons why it can't receive or search.
  Status withNotReady(List<String> reasons) {
    return new Status(
        datagrams,
        bytes,
        socketDrops,
        malformed,
        appended,
        indexed,
        analyzed,
        indexLagSeconds,
        logBytes,
        indexBytes,
        stored,
        notAppended,
        deleted,
        refused,
        sockets,
        readers,
        disk,
        outbox,
        canary,
        configuration,
        reasons);
  }

  /// @param socket where it listens and its number there, as `[::]:6666/0`
  /// @param drops datagrams dropped, mostly because its buffer was full; -1 where nobody knows
  /// @param bufferBytes granted to it, as the kernel counts them
  /// @param queuedBytes taken now, -1 where nobody knows
  public record Socket(String socket, long drops, long bufferBytes, long queuedBytes) {}

  /// A reader, of the log or, where it is `alerting`, of the ledger's crashes.
  ///
  /// @param lagSeconds age of the oldest datagram (crash) it hasn't dealt with, 0 when there is
  ///   none
  /// @param behind how many datagrams (changes of crashes) it hasn't dealt with
  /// @param counts what it made of datagrams; empty for a reader in another process
  public record Reader(
      String reader,
      @JsonProperty("lag_s") double lagSeconds,
      long behind,
      Map<String, Long> counts) {}

  /// The disk of the data folder, if it goes on as in the last 24 hours.
  ///
  /// @param freeBytes what is left
  /// @param bytesPerDay what log and index grow by; null while the log is younger than minutes
  /// @param fullInSeconds when it will be full; null when it won't be, or nobody knows
  /// @param logLimitInSeconds when the log reaches `keep-log-bytes`, and its oldest goes before
  ///   `keep-log`; null when it won't, or nobody knows
  public record Disk(
      long freeBytes,
      @Nullable Double bytesPerDay,
      @JsonProperty("full_in_s") @Nullable Double fullInSeconds,
      @JsonProperty("log_limit_in_s") @Nullable Double logLimitInSeconds) {}

  /// @param pending deliveries to be made, to all targets
  /// @param oldestSeconds how long the oldest of them waits, 0 when there is none
  /// @param failed deliveries given up
  public record Outbox(long pending, @JsonProperty("oldest_s") double oldestSeconds, long failed) {}

  /// @param loadedAtMicros when the configuration in use was read
  /// @param reloads how often it was read again and put in use
  /// @param failures how often it was read again and rejected
  /// @param problem why the last one was rejected; null when it is in use
  /// @param afterRestart keys that were changed and take effect after a restart
  public record Configuration(
      long loadedAtMicros,
      long reloads,
      long failures,
      @Nullable String problem,
      List<String> afterRestart) {}

  /// @param sent canaries sent
  /// @param failures those that didn't come through in time
  /// @param last the last one that did
  /// @param problem why the last one didn't; null when it did
  public record Canary(
      long sent, long failures, @Nullable CanaryFlight last, @Nullable String problem) {}
}
