package lastwords.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import lastwords.assemble.HostNames;
import lastwords.assemble.HostStreams;
import lastwords.assemble.Inventory;
import lastwords.assemble.StreamCounters;
import lastwords.capture.CaptureReader;
import lastwords.detect.Counters;
import lastwords.detect.Detector;
import lastwords.kernel.Crash;
import lastwords.kernel.Datagram;
import lastwords.kernel.Event;
import lastwords.kernel.KernelMessage;

/// What one real kernel sent, from its boot to its crash: a capture of the demo.
///
/// @param datagrams in the order they arrived
record Recording(List<Datagram> datagrams) {

  /// The kernel of a Debian 12 whose panic is a soft lockup.
  static final String NAME = "softlockup-panic--d612";

  /// Kernels of several releases and architectures.
  static final List<String> ALL =
      List.of(
          NAME,
          "lkdtm-exception--a612",
          "oom--d612",
          "smp-oops--kasan",
          "sysrq-c--d612",
          "sysrq-c-reboot--sid");

  static Recording load() {
    return load(NAME);
  }

  static Recording load(String name) {
    String resource = "/lastwords/demo/" + name + ".pcap.gz";
    InputStream stream =
        Objects.requireNonNull(Recording.class.getResourceAsStream(resource), resource);
    List<Datagram> datagrams = new ArrayList<>();
    try (CaptureReader capture = CaptureReader.of(resource, stream)) {
      Datagram datagram;
      while ((datagram = capture.next()) != null) {
        datagrams.add(datagram);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Recording(datagrams);
  }

  /// What a host's stream makes of it.
  List<Event> events() {
    List<Event> events = new ArrayList<>();
    HostStreams streams = streams(events::add);
    datagrams.forEach(streams::accept);
    streams.end();
    return events;
  }

  List<KernelMessage> messages() {
    return events().stream()
        .filter(KernelMessage.class::isInstance)
        .map(KernelMessage.class::cast)
        .toList();
  }

  /// The messages of [#healthyEvents].
  List<KernelMessage> healthyMessages() {
    return healthyEvents().stream()
        .filter(KernelMessage.class::isInstance)
        .map(KernelMessage.class::cast)
        .toList();
  }

  /// [#events] before the headline of the first crash.
  List<Event> healthyEvents() {
    List<Event> events = events();
    List<Crash> crashes = new ArrayList<>();
    Detector detector = new Detector(crashes::add, new Counters());
    events.forEach(detector::accept);
    detector.end();
    long headline =
        crashes.stream()
            .mapToLong(crash -> Objects.requireNonNull(crash.position()))
            .min()
            .orElseThrow();
    return events.stream()
        .takeWhile(event -> !(event instanceof KernelMessage m) || m.position() < headline)
        .toList();
  }

  /// Streams that look no name up.
  static HostStreams streams(Consumer<Event> to) {
    return new HostStreams(
        () -> to::accept, new HostNames(Inventory.EMPTY, false), new StreamCounters());
  }
}
