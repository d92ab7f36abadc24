package lastwords.store;

/// A query that can't be understood: says at which character and why.
public final class BadQueryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int at;

  /// @param at the character, from 0; -1 when the whole query is meant
  public BadQueryException(int at, String why) {
    super(why);
    this.at = at;
  }

  public int at() {
    return at;
  }
}
