package lastwords.symbols;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The names of source files, as compilers note them: with the folders somebody built in.
final class SourceFiles {
  /// `/build/linux-6.1.192/`, `/usr/src/linux-6.12/`.
  private static final Pattern RELEASE_FOLDER = Pattern.compile("^.*/linux-[0-9][^/]*/");

  private SourceFiles() {}

  /// The name without `.` and what `..` takes back.
  static String plain(String file) {
    if (!file.contains("./")) {
      return file;
    }
    List<String> parts = new ArrayList<>();
    for (String part : file.split("/", -1)) {
      if (part.equals("..") && !parts.isEmpty() && !parts.getLast().isEmpty()) {
        parts.removeLast();
      } else if (!part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  /// The name below a folder of kernel sources, where it is in one.
  static String belowRelease(String file) {
    return RELEASE_FOLDER.matcher(file).replaceFirst("");
  }
}
