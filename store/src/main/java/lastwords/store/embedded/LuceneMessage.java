package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import lastwords.kernel.KernelMessage;
import org.apache.lucene.store.ByteArrayDataInput;
import org.apache.lucene.store.ByteBuffersDataOutput;
import org.apache.lucene.store.DataInput;
import org.apache.lucene.store.DataOutput;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/// A message as bytes: a version, then the components of [KernelMessage] in their order.
final class LuceneMessage {
  private static final byte VERSION = 1;

  private LuceneMessage() {}

  static BytesRef write(KernelMessage message) {
    ByteBuffersDataOutput to = new ByteBuffersDataOutput();
    try {
      write(message, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory doesn't fail
    }
    return new BytesRef(to.toArrayCopy());
  }

  private static void write(KernelMessage message, DataOutput to) throws IOException {
    to.writeByte(VERSION);
    to.writeZLong(message.position());
    to.writeZLong(message.receivedAtMicros());
    to.writeString(message.host());
    to.writeString(message.address());
    to.writeString(message.boot());
    to.writeZInt(message.facility());
    to.writeZInt(message.severity());
    to.writeZLong(message.sequence());
    to.writeZLong(message.uptimeMicros());
    writeNullable(message.caller(), to);
    to.writeZInt(message.cpu());
    writeNullable(message.task(), to);
    writeNullable(message.release(), to);
    to.writeString(message.text());
    write(message.dictionary(), to);
    write(message.userdata(), to);
  }

  /// @throws IllegalArgumentException when the bytes are of another version
  static KernelMessage read(BytesRef bytes) throws IOException {
    ByteArrayDataInput from = new ByteArrayDataInput(bytes.bytes, bytes.offset, bytes.length);
    byte version = from.readByte();
    if (version != VERSION) {
      throw new IllegalArgumentException("a message of version " + version + ", not " + VERSION);
    }
    return new KernelMessage(
        from.readZLong(),
        from.readZLong(),
        from.readString(),
        from.readString(),
        from.readString(),
        from.readZInt(),
        from.readZInt(),
        from.readZLong(),
        from.readZLong(),
        readNullable(from),
        from.readZInt(),
        readNullable(from),
        readNullable(from),
        from.readString(),
        readMap(from),
        readMap(from));
  }

  private static void writeNullable(@Nullable String text, DataOutput to) throws IOException {
    to.writeByte((byte) (text == null ? 0 : 1));
    if (text != null) {
      to.writeString(text);
    }
  }

  private static @Nullable String readNullable(DataInput from) throws IOException {
    return from.readByte() == 0 ? null : from.readString();
  }

  private static void write(Map<String, String> map, DataOutput to) throws IOException {
    to.writeVInt(map.size());
    for (Map.Entry<String, String> entry : map.entrySet()) {
      to.writeString(entry.getKey());
      to.writeString(entry.getValue());
    }
  }

  /// In the order written.
  private static Map<String, String> readMap(DataInput from) throws IOException {
    Map<String, String> map = new LinkedHashMap<>();
    for (int left = from.readVInt(); left > 0; left--) {
      map.put(from.readString(), from.readString());
    }
    return Collections.unmodifiableMap(map);
  }
}
