package lastwords.readers;

import java.util.List;
import lastwords.assemble.HostNames;
import lastwords.assemble.HostStreams;
import lastwords.assemble.Inventory;
import lastwords.assemble.StreamCounters;
import lastwords.kernel.Crash;
import lastwords.kernel.Datagram;

/// What [Analysis] would have made of datagrams that lie in a file; belongs to one thread.
public final class DatagramAnalyzer {
  private final Found found = new Found();
  private final HostStreams streams =
      new HostStreams(found::newHost, new HostNames(Inventory.EMPTY, false), new StreamCounters());

  /// The next datagram; its offset is its number in the file.
  public void accept(Datagram datagram) {
    streams.accept(datagram);
  }

  /// No more datagrams come: the crashes, in the order they were found.
  public List<Crash> end() {
    streams.end();
    return List.copyOf(found.crashes.values());
  }
}
