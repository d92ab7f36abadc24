package lastwords.api;

import java.util.List;
import java.util.Map;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Host;
import lastwords.kernel.HostSource;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Run;
import lastwords.kernel.Severity;

/// What two hosts said, one of them until it crashed.
public final class Samples {
  /// 2026-11-21T08:00:00Z.
  public static final long START = 1_795_248_000_000_000L;

  /// A text that would run as a script if it weren't escaped.
  public static final String HOSTILE = "<script>alert('\"pwned\"')</script>";

  private Samples() {}

  public static KernelMessage message(long offset, String host, int severity, String text) {
    return new KernelMessage(
        Position.of(offset, 0),
        START + offset * 1_000_000,
        host,
        host.equals("web1") ? "10.0.0.1" : "10.0.0.2",
        "b0",
        0,
        severity,
        100 + offset,
        5_000_000 + offset * 1000,
        "T1",
        -1,
        null,
        "6.12.95+deb12-amd64",
        text,
        Map.of(),
        Map.of("rack", "r7"));
  }

  /// Offsets 0 to 5; the last one is the headline of [#crash].
  public static List<KernelMessage> messages() {
    return List.of(
        message(0, "web1", 6, "Linux version 6.12.95+deb12-amd64"),
        message(1, "web2", 6, "Linux version 6.12.95+deb12-amd64"),
        message(2, "web1", 4, "EXT4-fs (vda1): warning: mounting unchecked fs"),
        message(3, "web1", 3, "blk_update_request: I/O error, dev vda, sector 2048"),
        message(4, "web2", 6, HOSTILE),
        message(5, "web1", 1, "BUG: kernel NULL pointer dereference, address: 0000000000000008"));
  }

  public static Crash crash() {
    return Json.read(
        """
        {"kind":"null-deref","category":"oops","severity":"critical",
         "title":"BUG: kernel NULL pointer dereference in ext4_do_update_inode",
         "signature":"00c0ffee00c0ffee","signature_version":1,
         "frames":[
           {"function":"ext4_do_update_inode","offset":27,"size":64,"module":"ext4","reliable":true},
           {"function":"guess_me","offset":1,"size":2,"reliable":false},
           {"function":"do_syscall_64","offset":91,"size":176,"reliable":true}],
         "guilty":"ext4_do_update_inode","ip":"ext4_do_update_inode","cpu":1,"pid":1234,
         "comm":"<b>fio</b>","tainted":"","kernel":"6.12.95+deb12-amd64","arch":"x86_64",
         "hardware":"QEMU Standard PC (Q35 + ICH9, 2009)","modules":["ext4","jbd2"],
         "attrs":{"address":"0000000000000008"},
         "panicked":true,"complete":true,"lines_lost":0,
         "id":"c5","position":"5","host":"web1","address":"10.0.0.1","boot":"b0",
         "received_at":"2026-11-21T08:00:05.000000Z","uptime_us":5005000,"sequence":105,
         "report":["BUG: kernel NULL pointer dereference, address: 0000000000000008",
           "RIP: 0010:ext4_do_update_inode+0x1b/0x40 [ext4]"],
         "last_words":["blk_update_request: I/O error, dev vda, sector 2048"],
         "explanation":{"source":"arch/x86/mm/fault.c","lines":[0,1],"frames":[
           {"function":"ext4_do_update_inode","verdict":"guilty"},
           {"function":"guess_me","verdict":"guess"},
           {"function":"do_syscall_64","verdict":"entry"}],
           "signed":["null-deref","<b>signed</b>"],"path":"0123456789abcdef"}}
        """,
        Crash.class);
  }

  public static List<Host> hosts() {
    return List.of(host("10.0.0.1", "web1", 5), host("10.0.0.2", "web2", 4));
  }

  private static Host host(String address, String name, long lastOffset) {
    return new Host(
        address,
        name,
        HostSource.INVENTORY,
        null,
        START,
        START + lastOffset * 1_000_000,
        "b0",
        "6.12.95+deb12-amd64",
        "extended",
        lastOffset,
        3,
        1,
        0,
        2,
        1,
        Map.of());
  }

  static Status status(List<String> notReady) {
    return new Status(
        6,
        600,
        1,
        2,
        6,
        5,
        4,
        1.5,
        4096,
        8192,
        5,
        0,
        3,
        Map.of("not_allowed", 1L),
        List.of(new Status.Socket("[::]:6666/0", 1, 2048, 832)),
        List.of(new Status.Reader("indexing", 1.5, 1, Map.of("messages", 5L))),
        new Status.Disk(1000, 86_400.0, 500.0, null),
        new Status.Outbox(2, 60.5, 1),
        new Status.Canary(2, 1, new CanaryFlight(START, "127.0.0.1:6666", 0, 1.5, 20, 480), null),
        new Status.Configuration(START, 2, 1, null, List.of("udp")),
        notReady);
  }

  static List<Run> runs() {
    return hosts().stream()
        .map(
            host ->
                new Run(
                    host.host().equals("web1") ? "b0" : "b1",
                    null,
                    host.address(),
                    host.host(),
                    host.release(),
                    null,
                    true,
                    host.firstSeenMicros(),
                    host.lastSeenMicros()))
        .toList();
  }

  static Alarm alarm(int number, String state) {
    return new Alarm(
        "ac" + number,
        "c" + number,
        "00c0ffee00c0ffee",
        "web1",
        HostSource.INVENTORY,
        null,
        "10.0.0.1",
        null,
        "null-deref",
        "BUG: kernel NULL pointer dereference in ext4_do_update_inode",
        Severity.CRITICAL,
        true,
        START + number * 1_000_000L,
        state,
        null,
        1,
        START + number * 1_000_000L,
        START + number * 1_000_000L,
        null);
  }

  static Delivery delivery(int number, String target, Delivery.State state) {
    return new Delivery(
        "ac" + number + "." + target,
        "ac" + number,
        target,
        Delivery.priority(Severity.CRITICAL, 0),
        state,
        1,
        START + number * 1_000_000L,
        START + number * 1_000_000L,
        null,
        503,
        "HTTP 503",
        "{}");
  }
}
