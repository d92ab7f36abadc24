package lastwords.alert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import lastwords.json.Json;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.HostSource;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;

/// Makes crashes as analysis would write them, each at the next place of the log.
final class Crashes {
  static final String NULL_DEREF = "00112233445566aa";
  static final String LOCKUP = "00112233445566bb";

  private long offset = 1000;
  private Map<String, String> attrs = Map.of();

  Crashes() {
    this(HostSource.INVENTORY);
  }

  /// @param hostSource of the crashes made until another is set
  Crashes(HostSource hostSource) {
    this.hostSource = hostSource;
  }

  /// Of the crashes made from now on.
  String address = "10.0.0.7";

  /// Of the crashes made from now on.
  HostSource hostSource;

  /// Of the crashes made from now on, a name that belongs to another host.
  @Nullable String claimedHost;

  boolean panicked = true;

  Crash reboot(String host, long atMicros) {
    return crash("reboot", Category.INFO, Severity.WARNING, "reboot", host, atMicros, false);
  }

  /// The same crash once the machine went down with it.
  static Crash worse(Crash crash, Severity severity) {
    ObjectNode worse = (ObjectNode) Json.tree(crash);
    worse.put("severity", severity.toString());
    worse.put("panicked", true);
    return Json.read(worse.toString(), Crash.class);
  }

  Crash nullDeref(String host, long atMicros) {
    return crash("null-deref", Category.OOPS, Severity.CRITICAL, NULL_DEREF, host, atMicros, false);
  }

  Crash lockup(String host, long atMicros) {
    return crash("soft-lockup", Category.OOPS, Severity.ERROR, LOCKUP, host, atMicros, false);
  }

  /// An NVMe disk that is down.
  Crash disk(String device, String host, long atMicros) {
    attrs = Map.of("device", device);
    Crash crash =
        crash("nvme-reset", Category.STORAGE, Severity.ERROR, "d1", host, atMicros, false);
    attrs = Map.of();
    return crash;
  }

  Crash crash(
      String kind,
      Category category,
      Severity severity,
      String signature,
      String host,
      long atMicros,
      boolean suppressed) {
    return crash(
        kind,
        category,
        severity,
        signature,
        host,
        atMicros,
        suppressed,
        List.of("BUG: kernel NULL pointer dereference, address: 0000000000000008"),
        List.of("eth0: link up"));
  }

  Crash crash(
      String kind,
      Category category,
      Severity severity,
      String signature,
      String host,
      long atMicros,
      boolean suppressed,
      List<String> report,
      List<String> lastWords) {
    long position = Position.of(offset++, 0);
    return new Crash(
        kind,
        category,
        kind + " in ext4_do_update_inode",
        severity,
        signature,
        1,
        List.of(),
        List.of(),
        "ext4_do_update_inode",
        null,
        3,
        4711,
        null,
        "kworker/3:1",
        "",
        "6.12.8",
        "x86_64",
        null,
        List.of(),
        attrs,
        panicked,
        false,
        suppressed,
        true,
        0,
        "c" + Position.text(position),
        position,
        host,
        hostSource,
        claimedHost,
        address,
        "b1",
        atMicros,
        12_345_678L,
        99L,
        report,
        lastWords,
        null,
        null,
        null,
        null);
  }
}
