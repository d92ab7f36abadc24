package lastwords.app;

/// What went wrong for a reason that the user can do something about; the message says what both
/// are.
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;

  Failure(String message) {
    this(Main.FAILED, message);
  }

  private Failure(int status, String message) {
    super(message);
    this.status = status;
  }

  static Failure wrongUsage(String message) {
    return new Failure(Main.WRONG_USAGE, message);
  }

  /// The process's exit status.
  int status() {
    return status;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
