package lastwords.app;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import lastwords.alert.AlertSettings;
import lastwords.alert.HookSettings;
import lastwords.assemble.Inventory;
import lastwords.kernel.Cidr;
import lastwords.kernel.Severity;
import lastwords.store.Ledger;
import lastwords.store.embedded.ChronicleLog;
import org.jspecify.annotations.Nullable;

/// How a server is to run; made by [ConfigReader], whose keys say what each value means.
///
/// @param udp where datagrams are received; a port 0 picks a free one
/// @param sockets how many for each entry of `udp`
/// @param symbols where debug information of kernels is, null where none is looked for
/// @param canary between two datagrams the collector sends itself, null where it sends none
/// @param live what a running server takes anew; everything else needs a restart
record Config(
    Path data,
    List<InetSocketAddress> udp,
    InetSocketAddress http,
    Set<Role> roles,
    boolean reverseDns,
    long receiveBufferBytes,
    int sockets,
    ChronicleLog.Roll roll,
    Duration keepLog,
    long keepLogBytes,
    long keepFreeBytes,
    Compression compress,
    Duration sync,
    Duration keepIndex,
    Duration keepCrashes,
    Duration keepDeliveries,
    Duration keepHosts,
    long keepLedgerBytes,
    @Nullable Path symbols,
    Duration silentAfter,
    @Nullable Duration canary,
    Live live) {

  /// What an empty ledger has set aside for a full disk; less would drop every crash.
  static final long LEAST_LEDGER_BYTES = 16 << 20;

  /// Of the disk: what the ledger may have at most.
  private static final int LEDGER_PART = 20;

  /// What the ledger may keep.
  ///
  /// @param diskBytes of the whole disk that the data folder is on
  Ledger.Limits ledgerLimits(long diskBytes) {
    long most = Math.max(LEAST_LEDGER_BYTES, diskBytes / LEDGER_PART);
    return new Ledger.Limits(
        Math.min(keepLedgerBytes, most), keepCrashes, keepDeliveries, keepHosts);
  }

  /// What a process can be for; by default it is all of them.
  enum Role {
    RECEIVE,
    ANALYZE,
    INDEX,
    WEB
  }

  /// What becomes of the log's files once they aren't written to any more.
  enum Compression {
    ZSTD,
    NONE
  }

  /// The values that a running server takes anew when its configuration is read again.
  ///
  /// @param token what every request has to carry, null where none is asked for
  /// @param allow whose datagrams are taken; empty: everybody's
  /// @param inventory as read with the rest of the configuration
  /// @param publicUrl how people reach the pages, null where nothing better is known than `http`
  record Live(
      @Nullable String token,
      List<Cidr> allow,
      Inventory inventory,
      @Nullable URI publicUrl,
      List<HookSettings> hooks,
      Duration alarmRepeat,
      Duration alarmMaxAge,
      Severity alarmSeverity,
      int alarmsPerMinute) {

    /// What alerting is to do.
    ///
    /// @param http where the pages are, for links where no public URL is configured
    /// @throws IllegalArgumentException naming key, value and what is allowed
    AlertSettings alerts(URI http) {
      return new AlertSettings(
          alarmRepeat,
          alarmMaxAge,
          alarmSeverity,
          alarmsPerMinute,
          publicUrl == null ? http : publicUrl,
          hooks);
    }

    /// Why pages at that address can't be served with this token, null when they can.
    @Nullable String problemAt(InetSocketAddress http) {
      if (http.getAddress().isLoopbackAddress() || token != null) {
        return null;
      }
      return "http is "
          + Addresses.text(http)
          + ", which others can reach, and there is no token to keep them out: set token, or use"
          + " 127.0.0.1";
    }
  }
}
