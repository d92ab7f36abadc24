package lastwords.capture;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The packets of a capture file in the order of the file.
interface Packets {
  /// The next one, valid until the following call; null at the end.
  @Nullable Packet next() throws IOException;
}
