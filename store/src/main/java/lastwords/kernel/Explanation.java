package lastwords.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a crash is called and grouped as it is, for whoever doubts it.
///
/// @param source the kernel's file that prints the headline, such as `mm/kasan/report.c`
/// @param lines which lines of the report made the title, by index from 0
/// @param frames the stack as it was judged, top first, as far as it was looked at
/// @param signed what the signature is the hash of, in order
/// @param path 16 lower-case hex digits of the frames that matter: crashes of one signature that
///   came there on different ways differ in it
public record Explanation(
    @Nullable String source,
    List<Integer> lines,
    List<Judged> frames,
    List<String> signed,
    @Nullable String path) {

  /// One function of the stack.
  ///
  /// @param function its name in the source, as far as it can be told
  /// @param verdict `guilty`; `path` for one that called it and matters; else why it is neither:
  ///   the name of a family of functions that are never to blame, `entry` for how work gets into
  ///   the kernel, `below the entry` for what was interrupted there or is another stack, `guess`
  ///   for what the kernel itself isn't sure of, `inlined` for a caller that only a symbolized
  ///   report shows; and above the guilty one `passed over`, in a hang `waiting`, in a stall `where
  ///   it happened to be`
  public record Judged(String function, String verdict) {}
}
