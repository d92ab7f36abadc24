package lastwords.detect;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;

/// The frame a crash happened in, which a stack trace may begin below of.
public final class InstructionPointer {
  private InstructionPointer() {}

  /// The frame of [Crash#ip] as the report prints it; empty where it doesn't.
  public static Optional<Frame> of(Crash crash) {
    return crash.ip() == null ? Optional.empty() : of(crash.report(), crash.ip());
  }

  private static Optional<Frame> of(List<String> report, String function) {
    return report.stream()
        .map(Table::head)
        .map(FrameText::pointer)
        .filter(Objects::nonNull)
        .filter(frame -> frame.function().equals(function) && frame.offset() != null)
        .findFirst();
  }
}
