package lastwords.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/// What the running program says of itself: what `/stats` answers, and `/readyz` and `/metrics` are
/// made of. Counters count since its start.
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
    @JsonIgnore List<String> notReady) {}
