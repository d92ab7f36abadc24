package lastwords.api;

/// A canary that couldn't be sent or didn't come through; the message says how far it came.
public final class CanaryFailure extends Exception {
  private static final long serialVersionUID = 1;

  public CanaryFailure(String message) {
    super(message);
  }
}
