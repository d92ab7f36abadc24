package lastwords.store;

import java.util.List;
import java.util.Map;
import lastwords.json.Json;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import lastwords.kernel.HostSource;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;

/// Makes crashes for tests: one at each offset, an ordinary one but for what a test says.
public final class Crashes {
  public static final long START_MICROS = 1_795_248_000_000_000L;

  private Crashes() {}

  /// The crash whose headline is the datagram at that offset, received as many seconds after
  /// [#START_MICROS], on host `db1`, of signature `00000000000000aa`.
  public static Crash at(long offset) {
    return at(offset, "00000000000000aa", "db1", Severity.ERROR, "6.12.1", "null-deref in f");
  }

  public static Crash at(
      long offset, String signature, String host, Severity severity, String release, String title) {
    return new Crash(
        "null-deref",
        Category.OOPS,
        title,
        severity,
        signature,
        1,
        List.of(),
        List.of(new Frame("f", 16, 64, "ext4", null, null, false, true)),
        "f",
        "f",
        3,
        4711,
        null,
        "postgres",
        "GW",
        release,
        "x86_64",
        null,
        List.of("ext4", "nvme"),
        Map.of("device", "nvme0n1", "sector", "2048"),
        false,
        false,
        false,
        true,
        0,
        "c" + offset,
        Position.of(offset, 0),
        host,
        HostSource.USERDATA,
        "web1",
        "10.0.0.1",
        "b0",
        START_MICROS + offset * 1_000_000,
        17L,
        offset,
        List.of("BUG: kernel NULL pointer dereference, address: 0000000000000010", "Oops: 0002"),
        List.of("eth0: link up"),
        null,
        null,
        null,
        null);
  }

  /// The same crash, sent by another address.
  public static Crash from(String address, Crash crash) {
    return Json.read(
        Json.write(crash).replace("\"address\":\"10.0.0.1\"", "\"address\":\"" + address + '"'),
        Crash.class);
  }

  /// The same crash, as it is known later.
  public static Crash panicked(Crash crash) {
    return new Crash(
        crash.kind(),
        crash.category(),
        crash.title(),
        Severity.CRITICAL,
        crash.signature(),
        crash.signatureVersion(),
        crash.altTitles(),
        crash.frames(),
        crash.guilty(),
        crash.ip(),
        crash.cpu(),
        crash.pid(),
        crash.uid(),
        crash.comm(),
        crash.tainted(),
        crash.kernel(),
        crash.arch(),
        crash.hardware(),
        crash.modules(),
        crash.attrs(),
        true,
        crash.corrupted(),
        crash.suppressed(),
        crash.complete(),
        crash.linesLost(),
        crash.id(),
        crash.position(),
        crash.host(),
        crash.hostSource(),
        crash.claimedHost(),
        crash.address(),
        crash.boot(),
        crash.receivedAtMicros(),
        crash.uptimeMicros(),
        crash.sequence(),
        crash.report(),
        crash.lastWords(),
        crash.line(),
        crash.type(),
        crash.guiltyFile(),
        crash.explanation());
  }
}
