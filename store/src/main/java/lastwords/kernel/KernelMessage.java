package lastwords.kernel;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One printk record as its host meant it: fragments joined, escapes undone, dictionary taken
/// apart.
///
/// Absent numbers are -1, absent texts null, absent maps empty. The basic format has neither
/// facility, severity nor sequence. Format: Linux `Documentation/networking/netconsole.rst`.
///
/// @param position see [Position]; unique in a log
/// @param receivedAtMicros when the datagram at that position arrived, microseconds since 1970
/// @param host the best known name
/// @param hostSource where the name comes from, null where the message was read from an index or a
///   file
/// @param claimedHost a name in the sender's userdata that belongs to another host, null while
///   there is none
/// @param address the sender's address as text, IPv6 with its scope
/// @param boot see [Boot#id]
/// @param facility the syslog facility, 0 for the kernel itself; what programs write to `/dev/kmsg`
///   is never 0
/// @param severity the kernel's level, 0 (emergency) to 7 (debug)
/// @param sequence printk's sequence number, starts again at each boot
/// @param uptimeMicros the host's own time of the record since its boot; steps back now and then
///   within a boot
/// @param caller `T<pid>` or `C<cpu>`, where the kernel says who printed
/// @param cpu the CPU that printed, from sysdata
/// @param task the task that printed, from sysdata
/// @param release the kernel's release, from the header or sysdata
/// @param text without a final newline; several lines are separated by `\n`; tab, newline,
///   printable characters stand for themselves, every other byte and every byte that is not UTF-8
///   reads `\xHH`
/// @param dictionary the device the record is about: `SUBSYSTEM`, `DEVICE`
/// @param userdata what the host's administrator attached, in order; of a repeated key the last
///   value
public record KernelMessage(
    long position,
    long receivedAtMicros,
    String host,
    @Nullable HostSource hostSource,
    @Nullable String claimedHost,
    String address,
    String boot,
    int facility,
    int severity,
    long sequence,
    long uptimeMicros,
    @Nullable String caller,
    int cpu,
    @Nullable String task,
    @Nullable String release,
    String text,
    Map<String, String> dictionary,
    Map<String, String> userdata)
    implements Event {

  /// A message whose host's name is of unknown source.
  public KernelMessage(
      long position,
      long receivedAtMicros,
      String host,
      String address,
      String boot,
      int facility,
      int severity,
      long sequence,
      long uptimeMicros,
      @Nullable String caller,
      int cpu,
      @Nullable String task,
      @Nullable String release,
      String text,
      Map<String, String> dictionary,
      Map<String, String> userdata) {
    this(
        position,
        receivedAtMicros,
        host,
        null,
        null,
        address,
        boot,
        facility,
        severity,
        sequence,
        uptimeMicros,
        caller,
        cpu,
        task,
        release,
        text,
        dictionary,
        userdata);
  }
}
