package lastwords.readers;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import lastwords.assemble.HostReader;
import lastwords.decode.Heap;
import lastwords.detect.Budget;
import lastwords.detect.Counters;
import lastwords.detect.Detector;
import lastwords.kernel.Crash;
import lastwords.kernel.Event;

/// The crashes found and not yet passed on, by id, each as it was last told.
final class Found {
  /// A crash without its lines: its titles, attributes and stack.
  private static final long CRASH_BYTES = 16 << 10;

  final Map<String, Crash> crashes = new LinkedHashMap<>();
  final Counters counters = new Counters();
  private final Budget budget = new Budget();
  private long bytes;

  HostReader newHost() {
    return new Detection(new Detector(this::put, counters, budget));
  }

  private void put(Crash crash) {
    crashes.put(String.valueOf(crash.id()), crash);
    bytes += CRASH_BYTES + Heap.of(crash.report()) + Heap.of(crash.lastWords());
  }

  /// Heap bytes of the crashes, never less than they occupy: one that was found again before it was
  /// passed on counts each time.
  long bytes() {
    return bytes;
  }

  /// They were passed on.
  void clear() {
    crashes.clear();
    bytes = 0;
  }

  private record Detection(Detector detector) implements HostReader {
    @Override
    public void accept(Event event) {
      detector.accept(event);
    }

    @Override
    public void advance(long nowMicros) {
      detector.advance(nowMicros);
    }

    @Override
    public long deadlineMicros() {
      return detector.deadlineMicros();
    }

    @Override
    public boolean isAtRest() {
      return detector.isAtRest();
    }

    @Override
    public long heldBytes() {
      return detector.heldBytes();
    }

    @Override
    public void leave() {
      detector.leave();
    }

    @Override
    public void save(DataOutput to) throws IOException {
      byte[] state = detector.save();
      to.writeInt(state.length);
      to.write(state);
    }

    @Override
    public void load(DataInput from) throws IOException {
      byte[] state = new byte[from.readInt()];
      from.readFully(state);
      detector.load(state);
    }
  }
}
