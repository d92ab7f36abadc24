package lastwords.readers;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import lastwords.assemble.HostReader;
import lastwords.detect.Budget;
import lastwords.detect.Counters;
import lastwords.detect.Detector;
import lastwords.kernel.Crash;
import lastwords.kernel.Event;

/// The crashes found and not yet passed on, by id, each as it was last told.
final class Found {
  final Map<String, Crash> crashes = new LinkedHashMap<>();
  final Counters counters = new Counters();
  private final Budget budget = new Budget();

  HostReader newHost() {
    return new Detection(
        new Detector(crash -> crashes.put(String.valueOf(crash.id()), crash), counters, budget));
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
