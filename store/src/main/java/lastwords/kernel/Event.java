package lastwords.kernel;

/// What a host's stream says, in its order: messages, holes in their numbering, and new boots.
public sealed interface Event permits KernelMessage, Gap, Boot {
  /// The host by its best known name.
  String host();

  /// The boot this belongs to, see [Boot#id].
  String boot();
}
