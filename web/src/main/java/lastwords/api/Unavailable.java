package lastwords.api;

/// A part of the server that a request needs isn't open, such as the index; answered with 503. The
/// message names the part, the cause and what to do.
public final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1;

  public Unavailable(String message) {
    super(message);
  }
}
