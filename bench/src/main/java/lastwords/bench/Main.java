package lastwords.bench;

import java.util.Arrays;
import lastwords.readers.HostsRun;

/// `flood [OPTION]…` runs [Flood], `console [OPTION]…` [ConsoleRun], `hosts [OPTION]…` [HostsRun],
/// `serve [OPTION]…` [ServeRun]; anything else is handed to JMH.
final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("flood")) {
      Flood.main(Arrays.copyOfRange(args, 1, args.length));
    } else if (args.length > 0 && args[0].equals("console")) {
      ConsoleRun.main(Arrays.copyOfRange(args, 1, args.length));
    } else if (args.length > 0 && args[0].equals("hosts")) {
      HostsRun.main(Arrays.copyOfRange(args, 1, args.length));
    } else if (args.length > 0 && args[0].equals("serve")) {
      ServeRun.main(Arrays.copyOfRange(args, 1, args.length));
    } else {
      org.openjdk.jmh.Main.main(args);
    }
  }
}
