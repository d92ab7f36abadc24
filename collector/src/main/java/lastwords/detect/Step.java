package lastwords.detect;

import java.util.regex.Pattern;

/// One step of a [Recipe]. Each goes on at the line where the one before stopped.
sealed interface Step {
  /// The function that the headline or the text after it names.
  record Named() implements Step {}

  /// The next line like this; a group `function` in it is a suspect.
  record To(Pattern line) implements Step {}

  /// The next instruction pointer, with a function or without.
  record Pointer() implements Step {}

  /// As [Pointer], or what an interrupt of powerpc was taken in.
  record PointerOrInterrupt() implements Step {}

  /// The frames up to the line where the next stack starts, or the one that the next step wants.
  ///
  /// @param ofModules only those in a loadable module
  record Frames(boolean ofModules) implements Step {}
}
