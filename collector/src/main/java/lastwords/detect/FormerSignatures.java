package lastwords.detect;

import java.util.List;
import lastwords.kernel.Crash;

/// The keys by which earlier rules would have grouped a crash, for what was told, or decided by
/// people, before the rules changed. See [Signatures#VERSION].
public final class FormerSignatures {
  private FormerSignatures() {}

  /// Those that differ from the crash's own, the latest first. They hold only as far as kind and
  /// title are the same as then.
  public static List<String> of(Crash crash) {
    Integer version = crash.signatureVersion();
    if (version == null || version < 2) {
      return List.of();
    }
    String first = Signatures.of(Signatures.signed(crash.kind(), crash.title()));
    return first.equals(crash.signature()) ? List.of() : List.of(first);
  }
}
