package lastwords.app;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;

/// What the first bytes of a file say about it: files that are no text, and what to do about it.
final class FileStart {
  /// Enough of a file to know it by.
  static final int BYTES = 8;

  private record Known(String hex, String advice) {}

  private static final List<Known> KNOWN =
      List.of(
          unpack("fd377a585a00", "xz -dc"),
          unpack("28b52ffd", "zstd -dc"),
          unpack("425a68", "bzip2 -dc"),
          unpack("04224d18", "lz4 -dc"),
          unpack("504b0304", "unzip -p"),
          new Known(
              "4c504b5348485248",
              "is a systemd journal; try journalctl --file %s -o export | lastwords analyze -"),
          new Known("7f454c46", "is an ELF file; of a dump of memory, give its vmcore-dmesg.txt"),
          new Known("4b44554d50202020", "is a dump of memory; give its vmcore-dmesg.txt"));

  private FileStart() {}

  static boolean isGzip(byte[] start) {
    return start.length > 1 && start[0] == 0x1f && start[1] == (byte) 0x8b;
  }

  /// @throws IOException for a file that is no text for sure: names it and says what to do
  static void refuse(String name, byte[] start) throws IOException {
    String hex = HexFormat.of().formatHex(start);
    for (Known known : KNOWN) {
      if (hex.startsWith(known.hex)) {
        throw new IOException(name + " " + known.advice.replace("%s", name));
      }
    }
  }

  private static Known unpack(String hex, String with) {
    return new Known(hex, "is packed; try " + with + " %s | lastwords analyze -");
  }
}
