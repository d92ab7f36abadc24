package lastwords.decode;

import lastwords.decode.Decoded.Fragment;
import org.jspecify.annotations.Nullable;

/// The extended format: one record, or a piece of one.
///
/// One object is read into again and again, so that a datagram costs none ([Decoder#decode]); what
/// is to outlast the next datagram is copied ([#copy]). Belongs to one thread, with its copies.
public final class Extended implements Decoded {
  private static final byte[] NO_BYTES = {};

  /// A record and its body without their texts.
  private static final long OBJECT_BYTES = 256;

  private final BodyReader reader;

  private @Nullable String release;
  private int facility;
  private int severity;
  private long sequence;
  private long uptimeMicros;
  private @Nullable String caller;
  private @Nullable Fragment fragment;
  private byte[] bytes = NO_BYTES;
  private int bodyStart;

  private @Nullable Body body;
  private boolean bodyIsRead;

  /// Nothing yet.
  public Extended() {
    this(new BodyReader());
  }

  private Extended(BodyReader reader) {
    this.reader = reader;
  }

  void set(
      @Nullable String release,
      int priority,
      long sequence,
      long uptimeMicros,
      @Nullable String caller,
      @Nullable Fragment fragment,
      byte[] bytes,
      int bodyStart) {
    this.release = release;
    this.facility = priority >> 3;
    this.severity = priority & 7;
    this.sequence = sequence;
    this.uptimeMicros = uptimeMicros;
    this.caller = caller;
    this.fragment = fragment;
    setBytes(bytes, bodyStart);
  }

  private void setBytes(byte[] bytes, int bodyStart) {
    this.bytes = bytes;
    this.bodyStart = bodyStart;
    this.bodyIsRead = false;
  }

  /// The same, for keeps. A body that was read is kept instead of the bytes that it was read from;
  /// else the bytes are shared.
  public Extended copy() {
    Extended copy = header();
    if (body != null && bodyIsRead) {
      copy.body = body.copy();
      copy.bodyIsRead = true;
    } else {
      copy.setBytes(bytes, bodyStart);
    }
    return copy;
  }

  /// The header alone, for keeps: a record without a body.
  public Extended header() {
    Extended copy = new Extended(reader);
    copy.release = release;
    copy.facility = facility;
    copy.severity = severity;
    copy.sequence = sequence;
    copy.uptimeMicros = uptimeMicros;
    copy.caller = caller;
    copy.fragment = fragment;
    return copy;
  }

  /// Heap bytes that a [#copy] occupies whose body was read, never less than it does.
  public long heldBytes() {
    return OBJECT_BYTES + Heap.of(release) + Heap.of(caller) + body().heldBytes();
  }

  /// The record that this is a piece of, with its body put together, still escaped.
  public Extended joined(byte[] wholeBody) {
    Extended whole = header();
    whole.fragment = null;
    whole.setBytes(wholeBody, 0);
    return whole;
  }

  /// The kernel's release where it stands in front.
  public @Nullable String release() {
    return release;
  }

  /// The syslog facility, 0 to 127.
  public int facility() {
    return facility;
  }

  /// The level, 0 to 7.
  public int severity() {
    return severity;
  }

  /// printk's number of the record, not negative.
  public long sequence() {
    return sequence;
  }

  /// The host's time since boot, not negative.
  public long uptimeMicros() {
    return uptimeMicros;
  }

  /// `T<pid>`, `C<cpu>`, or what else stands behind `caller=`.
  public @Nullable String caller() {
    return caller;
  }

  /// Where the piece belongs, null for a whole record.
  public @Nullable Fragment fragment() {
    return fragment;
  }

  /// The datagram; not to be changed.
  public byte[] bytes() {
    return bytes;
  }

  /// Where in the datagram the body begins, what follows the `;`, still escaped.
  public int bodyStart() {
    return bodyStart;
  }

  /// What the record says, or as much of it as stands in this piece; used again with the record.
  public Body body() {
    Body read = body;
    if (read == null) {
      read = new Body();
      body = read;
    }
    if (!bodyIsRead) {
      reader.read(bytes, bodyStart, read);
      bodyIsRead = true;
    }
    return read;
  }
}
