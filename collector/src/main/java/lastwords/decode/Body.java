package lastwords.decode;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an extended record says, whole again.
///
/// Read into again with the record it belongs to ([Extended]); its texts and maps are not changed,
/// so they may be kept.
public final class Body {
  private String text = "";
  private Map<String, String> dictionary = Map.of();
  private Map<String, String> userdata = Map.of();
  private int cpu = -1;
  private @Nullable String task;
  private @Nullable String release;
  private long msgid = -1;
  private boolean truncated;
  private boolean cut;

  Body() {}

  void set(
      String text,
      boolean truncated,
      boolean cut,
      Map<String, String> dictionary,
      Map<String, String> userdata,
      int cpu,
      @Nullable String task,
      @Nullable String release,
      long msgid) {
    this.text = text;
    this.truncated = truncated;
    this.cut = cut;
    this.dictionary = dictionary;
    this.userdata = userdata;
    this.cpu = cpu;
    this.task = task;
    this.release = release;
    this.msgid = msgid;
  }

  Body copy() {
    Body copy = new Body();
    copy.set(text, truncated, cut, dictionary, userdata, cpu, task, release, msgid);
    return copy;
  }

  public static Body parse(byte[] body) {
    Body parsed = new Body();
    new BodyReader().read(body, 0, parsed);
    return parsed;
  }

  public String text() {
    return text;
  }

  /// Whether printk cut the text.
  public boolean truncated() {
    return truncated;
  }

  /// Whether more was sent than a kernel can send: a text longer than [Decoder#MAX_TEXT_CHARS], or
  /// userdata longer or more than netconsole allows. The text's end says how much of it is missing.
  public boolean cut() {
    return cut;
  }

  /// Heap bytes that the texts and maps occupy, never less than they do.
  public long heldBytes() {
    return Heap.of(text)
        + Heap.of(task)
        + Heap.of(release)
        + Heap.of(dictionary)
        + Heap.of(userdata);
  }

  /// The device's `SUBSYSTEM` and `DEVICE`.
  public Map<String, String> dictionary() {
    return dictionary;
  }

  public Map<String, String> userdata() {
    return userdata;
  }

  /// -1 where the kernel doesn't say.
  public int cpu() {
    return cpu;
  }

  public @Nullable String task() {
    return task;
  }

  public @Nullable String release() {
    return release;
  }

  /// -1 where the kernel doesn't say.
  public long msgid() {
    return msgid;
  }
}
