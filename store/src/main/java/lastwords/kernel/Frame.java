package lastwords.kernel;

import org.jspecify.annotations.Nullable;

/// One frame of a stack as the kernel printed it: `function+offset/size [module] (file:line)`.
///
/// @param reliable false for what the kernel marks as a guess (`? ` on x86)
/// @param inline true for a call the compiler inlined; only symbolized logs show these
public record Frame(
    String function,
    @Nullable Integer offset,
    @Nullable Integer size,
    @Nullable String module,
    @Nullable String file,
    @Nullable Integer line,
    boolean inline,
    boolean reliable) {}
