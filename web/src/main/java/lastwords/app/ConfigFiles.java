package lastwords.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Reads the files of one configuration, and remembers a digest of what each of them contained, to
/// find later whether it contains something else.
///
/// The content decides, not the time of change or the folder's events, so that a file that was
/// replaced by a rename, or behind a symbolic link (as Kubernetes does with a ConfigMap), is
/// noticed too. What is no regular file, such as a pipe, can be read only once and never counts as
/// changed. Not thread-safe.
final class ConfigFiles {
  /// Of what isn't there, can't be read, or is no regular file.
  private static final String NONE = "";

  private final boolean again;
  private final Map<Path, String> digests = new LinkedHashMap<>();

  private ConfigFiles(boolean again) {
    this.again = again;
  }

  /// For what a server is started with.
  static ConfigFiles first() {
    return new ConfigFiles(false);
  }

  /// For what a running server takes anew: an empty file is rejected, since an editor leaves one on
  /// a full disk, and it would be a valid configuration without any hook.
  static ConfigFiles again() {
    return new ConfigFiles(true);
  }

  /// The text of a file.
  ///
  /// @throws IOException which names the file and what to do
  String text(Path file) throws IOException {
    digests.put(file, NONE);
    boolean regular = Files.isRegularFile(file);
    if (again && !regular && Files.exists(file)) {
      throw new IOException(file + " is no file that can be read again; restart to change it");
    }
    byte[] bytes = Files.readAllBytes(file);
    if (regular) {
      digests.put(file, text(sha256().digest(bytes)));
    }
    if (again && bytes.length == 0) {
      throw new IOException(file + " is empty; if that is meant, write a comment into it");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + " isn't UTF-8; save it as such", e);
    }
  }

  /// The files that were read, or should have been, each with a digest of its content then.
  Map<Path, String> read() {
    return Map.copyOf(digests);
  }

  /// The same with a digest of what each contains now.
  static Map<Path, String> now(Set<Path> files) {
    Map<Path, String> now = new LinkedHashMap<>();
    files.forEach(file -> now.put(file, digest(file)));
    return now;
  }

  private static String digest(Path file) {
    if (!Files.isRegularFile(file)) {
      return NONE;
    }
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
      return text(digest.digest());
    } catch (IOException e) {
      return NONE;
    }
  }

  private static String text(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
