package lastwords.bench;

import java.util.Arrays;
import lastwords.readers.HostsRun;

/// `flood [OPTION]…` runs [Flood], `console [OPTION]…` [ConsoleRun], `hosts [OPTION]…` [HostsRun],
/// `disk [OPTION]…` [DiskRun], `serve [OPTION]…` [ServeRun]; anything else is handed to JMH.
final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    String[] options = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
    switch (args.length == 0 ? "" : args[0]) {
      case "flood" -> Flood.main(options);
      case "console" -> ConsoleRun.main(options);
      case "hosts" -> HostsRun.main(options);
      case "disk" -> DiskRun.main(options);
      case "serve" -> ServeRun.main(options);
      default -> org.openjdk.jmh.Main.main(args);
    }
  }
}
