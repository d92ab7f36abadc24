package lastwords.kernel;

/// Something that people or robots should act on, raised once for a crash signature on a host, or
/// on a part of it.
///
/// @param id `a` and the id of the crash that raised it: stable however often the log is read
/// @param crash the id of that crash
/// @param part see [Crash#part]
/// @param state `open` until a robot or a person resolves it
/// @param reason why no delivery was made for it, null where deliveries were made: `late`,
///   `replayed`, …
public record Alarm(
    String id,
    String crash,
    String signature,
    String host,
    @org.jspecify.annotations.Nullable String part,
    String kind,
    String title,
    Severity severity,
    long raisedAtMicros,
    String state,
    @org.jspecify.annotations.Nullable String reason) {}
