package lastwords.fuzz;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lastwords.assemble.HostNames;
import lastwords.assemble.HostStreams;
import lastwords.assemble.Inventory;
import lastwords.assemble.StreamCounters;
import lastwords.kernel.Boot;
import lastwords.kernel.Datagram;
import lastwords.kernel.Event;
import lastwords.kernel.Gap;
import lastwords.kernel.Host;
import lastwords.kernel.KernelMessage;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;

/// What a reader made of a log, by position: being told the same again changes nothing.
final class Told {
  final Map<Long, KernelMessage> messages = new TreeMap<>();
  final Map<String, Boot> boots = new TreeMap<>();
  final Map<String, Host> hosts = new TreeMap<>();
  private StreamCounters counters = new StreamCounters();

  void readAll(List<Datagram> log) {
    HostStreams streams = streams();
    log.forEach(streams::accept);
    finish(streams);
  }

  /// Keeps its place before each of these datagrams and goes on from there as another process.
  void readWithRestarts(List<Datagram> log, BitSet restarts) {
    Map<String, Checkpoint.State> saved = new HashMap<>();
    long from = 0;
    for (int until = 0; until <= log.size(); until++) {
      if (until < log.size() && !restarts.get(until)) {
        continue;
      }
      HostStreams streams = streams();
      streams.restoreNames(hosts.values());
      streams.goOn(
          new Ledger.Place(from, List.copyOf(saved.keySet())),
          address -> Optional.ofNullable(saved.get(address)));
      for (long next = from; next < until; next++) {
        streams.accept(log.get((int) next));
        if (next % 7 == 0) {
          from = keep(streams, next + 1, saved);
        }
      }
      if (until == log.size()) {
        finish(streams);
      } else {
        from = keep(streams, until, saved);
      }
    }
  }

  /// Keeps its place after each datagram, and reads again what it saved.
  void readAndSaveEach(List<Datagram> log) {
    HostStreams streams = streams();
    for (Datagram datagram : log) {
      streams.accept(datagram);
      Checkpoint checkpoint = streams.checkpoint(datagram.offset() + 1);
      HostStreams loaded =
          new HostStreams(() -> event -> {}, new HostNames(Inventory.EMPTY, false), counters);
      loaded.goOn(
          new Ledger.Place(0, List.copyOf(checkpoint.states().keySet())),
          address -> Optional.ofNullable(checkpoint.states().get(address)));
      loaded.accept(datagram);
      if (streams.isFull()) {
        throw new IllegalStateException("four hosts hold more than all hosts may");
      }
    }
    finish(streams);
  }

  long failedHosts() {
    return counters.hostsFailed.sum() + counters.failed.sum();
  }

  /// Datagrams that were understood or refused.
  long taken() {
    return counters.extended.sum() + counters.basic.sum() + counters.malformed.sum();
  }

  private long keep(HostStreams streams, long readOffset, Map<String, Checkpoint.State> saved) {
    Checkpoint checkpoint = streams.checkpoint(readOffset);
    streams.changedHosts().forEach(host -> hosts.put(host.address(), host));
    saved.putAll(checkpoint.states());
    streams.kept(checkpoint);
    return checkpoint.offset();
  }

  private void finish(HostStreams streams) {
    streams.end();
    streams.changedHosts().forEach(host -> hosts.put(host.address(), host));
  }

  private HostStreams streams() {
    counters = new StreamCounters();
    return new HostStreams(() -> this::take, new HostNames(Inventory.EMPTY, false), counters);
  }

  private void take(Event event) {
    switch (event) {
      case KernelMessage message -> messages.put(message.position(), message);
      case Boot boot -> boots.put(boot.id(), boot);
      case Gap gap -> {}
    }
  }
}
