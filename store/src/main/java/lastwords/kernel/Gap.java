package lastwords.kernel;

/// Sequence numbers `first` to `last`, both included, that were never received.
///
/// A gap is not yet a loss: records below the console's log level consume numbers and are never
/// sent. Where the kernel numbers what it sends (`msgid`), `lost` says how many of them were lost
/// on the way; it is 0 where the kernel doesn't say.
public record Gap(String host, String boot, long first, long last, long lost) implements Event {}
