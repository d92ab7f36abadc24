package lastwords.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import lastwords.kernel.KernelMessage;

/// Writes what a serial console shows of machines that boot and then work for a long time, as long
/// as wanted: real boots, kernel lines of machines at work, and what programs print between them.
/// The same each time; its clock goes on.
final class LongConsole {
  private static final long SECOND = 1_000_000;

  /// Lines of a machine at work between two boots.
  private static final int LINES_AT_WORK = 200_000;

  /// A line in so many is a program's own, without a time.
  private static final int PROGRAMS_EVERY = 7;

  private static final List<String> KERNEL =
      List.of(
          "usb 3-2: new high-speed USB device number %d using xhci_hcd",
          "usb 3-2: New USB device found, idVendor=0bda, idProduct=8153, bcdDevice=31.%02d",
          "docker0: port 2(veth%07x) entered blocking state",
          "docker0: port 2(veth%07x) entered forwarding state",
          "veth%07x: entered promiscuous mode",
          "eth0: renamed from veth%07x",
          "IPv6: ADDRCONF(NETDEV_CHANGE): veth%07x: link becomes ready",
          "[UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:12:34:56:52:54:00:65:43:21:08:00 SRC=192.0.2.77 DST=192.0.2.1 LEN=40 TOS=0x00 PREC=0x00 TTL=241 ID=%d PROTO=TCP SPT=51234 DPT=23 WINDOW=1024 RES=0x00 SYN URGP=0",
          "audit: type=1400 audit(1767322245.678:%d): apparmor=\"ALLOWED\" operation=\"open\" class=\"file\" profile=\"app\" name=\"/etc/hosts\" comm=\"worker\" requested_mask=\"r\" denied_mask=\"r\"",
          "audit: type=1334 audit(1767322245.678:%d): prog-id=77 op=LOAD",
          "EXT4-fs (dm-%d): mounted filesystem with ordered data mode. Quota mode: none.",
          "EXT4-fs (dm-%d): unmounting filesystem.",
          "XFS (dm-%d): Mounting V5 Filesystem",
          "XFS (dm-%d): Ending clean mount",
          "perf: interrupt took too long (%d > 2500), lowering kernel.perf_event_max_sample_rate to 79500",
          "hrtimer: interrupt took %d ns",
          "systemd[1]: Started session-%d.scope - Session of User root.",
          "systemd-journald[311]: Data hash table of /var/log/journal/system.journal has a fill level at 75.0 (%d of 233016 items)",
          "sd 0:0:0:0: [sda] %d 512-byte logical blocks: (1.0 TB/932 GiB)",
          "nvme nvme0: %d/0/0 default/read/poll queues",
          "mlx5_core 0000:3b:00.0 ens1f0: Link up %d",
          "bond0: (slave eth%d): link status definitely up, 10000 Mbps full duplex",
          "device-mapper: uevent: version 1.0.%d",
          "loop%d: detected capacity change from 0 to 131072",
          "SELinux:  Converting %d SID table entries...",
          "kvm [%d]: vcpu0 ignored rdmsr: 0x3a data 0x0",
          "netfs: FS-Cache loaded %d",
          "TCP: eth0: Driver has suspect GRO implementation, TCP performance may be compromised. %d");

  private static final List<String> PROGRAMS =
      List.of(
          "[  OK  ] Finished logrotate.service - Rotate log files (%d).",
          "         Starting apt-daily.service - Daily apt download activities (%d)...",
          "192.0.2.9 - - [02/Jan/2026:03:04:05 +0000] \"GET /index.html HTTP/1.1\" 200 %d",
          "{\"level\":\"info\",\"ts\":1767322245.678,\"msg\":\"request served\",\"took_ms\":%d}",
          "web-1 login: ",
          "I0102 03:04:05.678901       1 controller.go:%d] Reconciled 12 objects");

  private final OutputStream to;
  private long bytes;
  private long lines;
  private long micros;
  private int atWork;
  private int boots;

  LongConsole(OutputStream to) {
    this.to = to;
  }

  /// Goes on without trouble until so many bytes are written in all, or a few more.
  void healthy(long untilBytes) throws IOException {
    while (bytes < untilBytes) {
      if (atWork == 0) {
        boot();
      } else {
        work();
      }
      atWork = atWork == LINES_AT_WORK ? 0 : atWork + 1;
    }
  }

  /// Goes on with the death of a real kernel, of one crash; returns the headline's line.
  long crash() throws IOException {
    Recording recording = Recording.load("sysrq-c--d612");
    List<KernelMessage> all = recording.messages();
    List<KernelMessage> death = all.subList(recording.healthyMessages().size(), all.size());
    long headline = lines + 1;
    replay(death);
    return headline;
  }

  long lines() {
    return lines;
  }

  private void boot() throws IOException {
    replay(Recording.load(Recording.ALL.get(boots++ % Recording.ALL.size())).healthyMessages());
  }

  private void replay(List<KernelMessage> messages) throws IOException {
    long shift = micros - messages.getFirst().uptimeMicros();
    for (KernelMessage message : messages) {
      micros = Math.max(micros, message.uptimeMicros() + shift);
      for (String line : message.text().split("\n", -1)) {
        line(stamp(micros) + line);
      }
    }
    micros += SECOND;
  }

  private void work() throws IOException {
    micros += 50_000 + lines % 13 * 10_000;
    boolean program = lines % PROGRAMS_EVERY == 0;
    List<String> from = program ? PROGRAMS : KERNEL;
    String text = from.get((int) (lines * 31 % from.size())).formatted(lines);
    line(program ? text : stamp(micros) + text);
  }

  private void line(String line) throws IOException {
    byte[] text = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
    to.write(text);
    bytes += text.length;
    lines++;
  }

  /// Messages as lines of a console.
  static byte[] text(List<KernelMessage> messages) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      new LongConsole(text).replay(messages);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return text.toByteArray();
  }

  private static String stamp(long micros) {
    return "[%5d.%06d] ".formatted(micros / SECOND, micros % SECOND);
  }
}
