package lastwords.kernel;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One way in which one kernel reported trouble, once: an oops, a panic, a lockup, a hardware
/// error, a restart that nothing announced.
///
/// The field names are those of the JSON object that users see. Only the first four and the flags
/// are always there; a list or map that is empty and a value that is null are left out of the JSON.
/// A crash is published soon and completed later under the same id, so two values with one id are
/// two states of one crash, the later one knowing more.
///
/// @param kind what happened, kebab-case: `null-deref`, `panic`, `soft-lockup`, …; `reboot` for a
///   restart without last words
/// @param title the canonical headline, stable over addresses, offsets, pids and CPUs
/// @param signature the grouping key, 16 lower-case hex digits
/// @param signatureVersion the number of the rules that made `signature`
/// @param altTitles further titles under which the same fault may be known
/// @param frames the primary stack, top first
/// @param guilty the function held responsible
/// @param ip the instruction pointer's function
/// @param cpu,pid,uid,comm who ran when it happened
/// @param tainted the taint letters without blanks, "" when the kernel says not tainted, null when
///   it doesn't say
/// @param kernel the kernel's release
/// @param arch as the kernel's folder `arch/` names it, with the width where that holds several:
///   `x86_64`, `i686`, `arm64`, `arm`, `riscv`, `ppc64le`, `s390x`, `loongarch64`, `mips`
/// @param hardware what follows `Hardware name:`
/// @param attrs values particular to the kind, such as `device`, `victim`, `memcg`
/// @param panicked the machine went down with it
/// @param corrupted lines of other reports are mixed in, or the report makes no sense
/// @param suppressed a follow-up of an earlier crash of the same boot, not worth an alarm of its
///   own
/// @param complete seen to its end
/// @param linesLost how many lines of the report are known to be missing
/// @param id `c` and the position of the headline, or `r` and the offset of the new boot's first
///   datagram
/// @param position see [Position]; of the headline, or of the new boot's first datagram
/// @param hostSource where the host's name comes from
/// @param claimedHost a name in the sender's userdata that belongs to another host, null while
///   there is none
/// @param receivedAtMicros when that arrived
/// @param report its lines, headline first
/// @param lastWords the same boot's lines before the headline, oldest first
/// @param line in an analyzed file, the headline's line, from 1
/// @param type the crash's type in syzkaller's terms, where one fits
/// @param guiltyFile the source file held responsible, where the report is symbolized
/// @param explanation why it is called and grouped as it is
public record Crash(
    String kind,
    Category category,
    String title,
    Severity severity,
    @Nullable String signature,
    @Nullable Integer signatureVersion,
    List<String> altTitles,
    List<Frame> frames,
    @Nullable String guilty,
    @Nullable String ip,
    @Nullable Integer cpu,
    @Nullable Integer pid,
    @Nullable Integer uid,
    @Nullable String comm,
    @Nullable String tainted,
    @Nullable String kernel,
    @Nullable String arch,
    @Nullable String hardware,
    List<String> modules,
    Map<String, String> attrs,
    boolean panicked,
    boolean corrupted,
    boolean suppressed,
    boolean complete,
    int linesLost,
    @Nullable String id,
    @Nullable Long position,
    @Nullable String host,
    @Nullable HostSource hostSource,
    @Nullable String claimedHost,
    @Nullable String address,
    @Nullable String boot,
    @Nullable Long receivedAtMicros,
    @Nullable Long uptimeMicros,
    @Nullable Long sequence,
    List<String> report,
    List<String> lastWords,
    @Nullable Integer line,
    @Nullable String type,
    @Nullable String guiltyFile,
    @Nullable Explanation explanation) {

  /// The attributes that name a part of a machine, the most telling first; of an array, `device` is
  /// the whole and `member` the part.
  public static final List<String> PARTS = List.of("member", "device", "pci", "dimm", "scsi");

  /// Which part of the machine it is of, where a machine has several that fail each by itself: a
  /// disk, a member of an array, a card, a DIMM. Null for what is wrong in the kernel itself, and
  /// where the kernel doesn't say.
  public @Nullable String part() {
    if (category == Category.OOPS) {
      return null;
    }
    String member = attrs.get("member");
    return PARTS.stream()
        .filter(name -> !name.equals("member"))
        .map(attrs::get)
        .filter(Objects::nonNull)
        .findFirst()
        .map(part -> member == null ? part : part + " " + member)
        .orElse(member);
  }

  /// As this one, called and grouped as another: what is kept under a name keeps it.
  public Crash named(Crash like) {
    return like(like, frames, guiltyFile);
  }

  /// As this one, with what debug information adds to its stack.
  ///
  /// @param file the source file held responsible, null where it isn't known
  public Crash symbolized(List<Frame> frames, @Nullable String file) {
    return like(this, frames, guiltyFile == null ? file : guiltyFile);
  }

  /// As this one, with other attributes.
  public Crash with(Map<String, String> attrs) {
    return like(this, frames, guiltyFile, attrs);
  }

  private Crash like(Crash like, List<Frame> frames, @Nullable String file) {
    return like(like, frames, file, attrs);
  }

  private Crash like(
      Crash like, List<Frame> frames, @Nullable String file, Map<String, String> attrs) {
    return new Crash(
        kind,
        category,
        like.title,
        severity,
        like.signature,
        like.signatureVersion,
        like.altTitles,
        frames,
        guilty,
        ip,
        cpu,
        pid,
        uid,
        comm,
        tainted,
        kernel,
        arch,
        hardware,
        modules,
        attrs,
        panicked,
        corrupted,
        suppressed,
        complete,
        linesLost,
        id,
        position,
        host,
        hostSource,
        claimedHost,
        address,
        boot,
        receivedAtMicros,
        uptimeMicros,
        sequence,
        report,
        lastWords,
        line,
        type,
        file,
        like.explanation);
  }
}
