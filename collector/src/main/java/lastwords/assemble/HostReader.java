package lastwords.assemble;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import lastwords.kernel.Event;

/// What a reader of the log makes of one host's stream; belongs to the thread that reads.
public interface HostReader {
  /// The host's next event.
  void accept(Event event);

  /// Nothing more was received before this time.
  default void advance(long nowMicros) {}

  /// When [#advance] is needed next; [Long#MAX_VALUE] while nothing waits.
  default long deadlineMicros() {
    return Long.MAX_VALUE;
  }

  /// Whether nothing is half-seen, so that the state may be saved.
  default boolean isAtRest() {
    return true;
  }

  /// Bytes held of what the host said, estimated; cheap.
  default long heldBytes() {
    return 0;
  }

  /// The host leaves memory: gives back what it shares with others, and is not used again.
  default void leave() {}

  /// Writes what must survive a restart.
  default void save(DataOutput to) throws IOException {}

  /// Reads what [#save] wrote.
  default void load(DataInput from) throws IOException {}
}
