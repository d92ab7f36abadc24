package lastwords.store;

import java.io.IOException;
import java.io.UncheckedIOException;

/// An index went back to its last commit, or to nothing where that is damaged: what was written
/// since must be written again, from what its notes now say.
public final class LostWritesException extends UncheckedIOException {
  private static final long serialVersionUID = 1;

  public LostWritesException(UncheckedIOException why) {
    super(String.valueOf(why.getMessage()), new IOException(why));
  }
}
