package lastwords.assemble;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads a text of a saved state; absent and empty are the same.
///
/// The format is the length in bytes and UTF-8, which any text has: [DataOutput#writeUTF], which
/// wrote older states, throws where a text takes more than 65,535 bytes.
interface SavedText {
  /// The longest text read, far more than any bound in [lastwords.decode.Decoder]: a length beyond
  /// is damage.
  int MAX_BYTES = 1 << 20;

  @Nullable String from(DataInput state) throws IOException;

  static void write(DataOutput to, @Nullable String text) throws IOException {
    byte[] bytes = text == null ? new byte[0] : text.getBytes(UTF_8);
    to.writeInt(bytes.length);
    to.write(bytes);
  }

  static @Nullable String read(DataInput from) throws IOException {
    int length = from.readInt();
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException("a text of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    from.readFully(bytes);
    return length == 0 ? null : new String(bytes, UTF_8);
  }

  static @Nullable String readUtf(DataInput from) throws IOException {
    String text = from.readUTF();
    return text.isEmpty() ? null : text;
  }
}
