package lastwords.detect;

import java.util.List;

/// What part of a report a line is, as far as the line alone tells.
enum LineShape {
  /// `Modules linked in:`.
  MODULES,
  /// `CPU: 1 PID: 2 Comm: sh`.
  CPU,
  /// `Hardware name:`.
  HARDWARE,
  /// The instruction pointer.
  POINTER,
  /// `Code:`.
  CODE,
  /// Values of registers.
  REGISTERS,
  /// The start of a stack.
  STACK,
  /// A frame or a mark between frames.
  FRAME,
  /// The end mark.
  END,
  /// Anything else.
  OTHER;

  private static final List<String> NEVER_FIRST =
      List.of("caller is ", "======", "Stack:", "Exception stack", "Process ", "stack backtrace");

  static LineShape of(String line) {
    if (line.isEmpty()) {
      return OTHER;
    }
    if (line.startsWith("Modules linked in:")) {
      return MODULES;
    }
    if ((line.startsWith("CPU: ") && line.contains("PID: ")) || line.startsWith("Pid: ")) {
      return CPU;
    }
    if (line.startsWith("Hardware name:")) {
      return HARDWARE;
    }
    if (line.startsWith("---[ end ")) {
      return END;
    }
    if (line.startsWith("Code: ")) {
      return CODE;
    }
    if (isPointer(line)) {
      return POINTER;
    }
    if (isRegisters(line)) {
      return REGISTERS;
    }
    String head = Table.head(line);
    if (Stack.isStart(head)) {
      return STACK;
    }
    String text = head.strip();
    if (FrameText.isFrame(head) || (text.startsWith("<") && text.endsWith(">"))) {
      return FRAME;
    }
    return OTHER;
  }

  /// Whether a line can only go on with a report that another line began.
  static boolean continues(String line) {
    if (line.startsWith(" ")
        || line.startsWith("\t")
        || line.startsWith("rcu: \t")
        || line.startsWith("rcu:  ")) {
      return true;
    }
    return NEVER_FIRST.stream().anyMatch(line::startsWith) || of(line) != OTHER;
  }

  private static boolean isPointer(String line) {
    return line.startsWith("RIP: ")
        || line.startsWith("EIP: ")
        || line.startsWith("pc : ")
        || line.startsWith("PC is at ")
        || line.startsWith("NIP [")
        || line.startsWith("epc : ")
        || line.startsWith("Krnl PSW");
  }

  /// `RAX: 0123…`, `x29: …`, `r7 : …`, `GPR00: …`, `RSP: 0018:…`.
  private static boolean isRegisters(String line) {
    int colon = line.indexOf(':');
    if (colon < 2 || colon > 6 || colon + 2 >= line.length() || line.charAt(colon + 1) != ' ') {
      return false;
    }
    for (int i = 0; i < colon; i++) {
      char c = line.charAt(i);
      boolean fits =
          (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || (c >= 'a' && c <= 'z');
      if (!fits) {
        return false;
      }
    }
    for (int i = colon + 2; i < Math.min(line.length(), colon + 6); i++) {
      if (Character.digit(line.charAt(i), 16) < 0) {
        return false;
      }
    }
    return line.length() > colon + 5;
  }
}
