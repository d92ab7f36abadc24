package lastwords.symbols;

/// A line of source.
///
/// @param function as the debug information calls it
record Place(String function, String file, int line) {}
