package lastwords.detect;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Text in UTF-16 as UTF-8, piece by piece: terminal programs of Windows keep logs so.
final class Utf16 extends InputStream {
  private static final int CHARACTERS = 1 << 13;
  private static final int START_BYTES = 4;

  private final Reader from;
  private final char[] read = new char[CHARACTERS];

  /// Half of a character outside of the basic plane waits here for its other half.
  private int kept;

  private byte[] piece = {};
  private int at;

  private Utf16(Reader from) {
    this.from = from;
  }

  /// The same text in UTF-8 where it is UTF-16, with a byte order mark or evidently without; any
  /// other as it is, without the mark that UTF-8 may have.
  ///
  /// @throws IOException when the text can't be read
  static InputStream asUtf8(InputStream text) throws IOException {
    PushbackInputStream in = new PushbackInputStream(text, START_BYTES);
    byte[] start = in.readNBytes(START_BYTES);
    int mark = 0;
    Charset charset = charset(start);
    if (starts(start, 0xef, 0xbb, 0xbf)) {
      mark = 3;
    } else if (starts(start, 0xff, 0xfe) || starts(start, 0xfe, 0xff)) {
      mark = 2;
    }
    in.unread(start, mark, start.length - mark);
    if (charset == null) {
      return in;
    }
    return new Utf16(new InputStreamReader(in, charset));
  }

  private static @Nullable Charset charset(byte[] start) {
    if (start.length < START_BYTES) {
      return null;
    }
    if (starts(start, 0xff, 0xfe)
        || (start[0] != 0 && start[1] == 0 && start[2] != 0 && start[3] == 0)) {
      return StandardCharsets.UTF_16LE;
    }
    boolean bigEndian =
        starts(start, 0xfe, 0xff)
            || (start[0] == 0 && start[1] != 0 && start[2] == 0 && start[3] != 0);
    return bigEndian ? StandardCharsets.UTF_16BE : null;
  }

  private static boolean starts(byte[] bytes, int... with) {
    for (int i = 0; i < with.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xff) != with[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (at == piece.length) {
      int got = from.read(read, kept, CHARACTERS - kept);
      int all = kept + Math.max(0, got);
      if (all == 0) {
        return -1;
      }
      kept = got >= 0 && Character.isHighSurrogate(read[all - 1]) ? 1 : 0;
      piece = new String(read, 0, all - kept).getBytes(StandardCharsets.UTF_8);
      read[0] = read[all - 1];
      at = 0;
    }
    int some = Math.min(length, piece.length - at);
    System.arraycopy(piece, at, into, offset, some);
    at += some;
    return some;
  }

  @Override
  public void close() throws IOException {
    from.close();
  }
}
