package lastwords.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/// The program `lastwords`.
///
/// Exit status: 0 done, 1 failed, 2 wrong usage. What fails for a reason a user can do something
/// about says so in one line on stderr; a stack trace means a mistake in the program.
@Command(
    name = "lastwords",
    description =
        "Collects and analyzes what Linux kernels say over netconsole, above all their last words.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Every command has a --help of its own."})
public final class Main {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int WRONG_USAGE = 2;

  private Main() {}

  /// Runs the command the arguments name, then ends the process with its exit status.
  public static void main(String[] arguments) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(run(Terminal.system(), arguments));
  }

  /// Runs a command in this process and returns its exit status.
  static int run(Terminal terminal, String... arguments) {
    CommandLine line = commandLine(terminal);
    int status = line.execute(arguments);
    if (terminal.out().checkError() && status == DONE && !Terminal.isPipe()) {
      terminal.err().println("lastwords: not all could be written to standard output");
      return FAILED;
    }
    return status;
  }

  private static CommandLine commandLine(Terminal terminal) {
    CommandLine line = new CommandLine(new Main());
    line.addSubcommand(ServeCommand.commandLine(terminal));
    line.addSubcommand(new DemoCommand(terminal));
    line.addSubcommand(new AnalyzeCommand(terminal));
    line.addSubcommand(new ReplayCommand(terminal));
    line.addSubcommand(new ExportCommand(terminal));
    line.addSubcommand(new SearchCommand(terminal));
    line.addSubcommand(new TailCommand(terminal));
    line.addSubcommand(new CrashesCommand(terminal));
    line.addSubcommand(new CrashCommand(terminal));
    line.addSubcommand(new SignaturesCommand(terminal));
    line.addSubcommand(new SignatureCommand(terminal));
    line.addSubcommand(new HostsCommand(terminal));
    line.addSubcommand(new HostCommand(terminal));
    line.addSubcommand(new CanaryCommand(terminal));
    line.addSubcommand(new CompletionCommand(terminal));
    line.addSubcommand(new TrainCommand(terminal));
    standardOptions(line);
    line.getSubcommands().values().forEach(Main::standardOptions);
    line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    line.setParameterExceptionHandler((e, _) -> refused(terminal, e));
    line.setExecutionExceptionHandler((e, _, _) -> failed(terminal, e));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    return line;
  }

  private static void standardOptions(CommandLine line) {
    line.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new Version());
  }

  private static int refused(Terminal terminal, ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    String why = String.valueOf(e.getMessage()).replace("\n", " ");
    terminal.err().println(command + ": " + why + "; see " + command + " --help");
    return WRONG_USAGE;
  }

  private static int failed(Terminal terminal, Exception e) {
    terminal.out().flush();
    boolean isExpected =
        e instanceof Failure || e instanceof IOException || e instanceof UncheckedIOException;
    if (!isExpected) {
      terminal.err().println("lastwords: this is a mistake in the program; please report it");
      e.printStackTrace(terminal.err());
      return FAILED;
    }
    terminal.err().println("lastwords: " + Terminal.safeLines(why(e)));
    return e instanceof Failure failure ? failure.status() : FAILED;
  }

  /// What an exception says to people.
  static String why(Exception e) {
    return switch (e) {
      case NoSuchFileException missing -> missing.getFile() + ": no such file or folder";
      case FileAlreadyExistsException file -> file.getFile() + ": not a folder";
      case NotDirectoryException file -> file.getFile() + ": not a folder";
      case AccessDeniedException denied -> denied.getFile() + ": no permission";
      case UncheckedIOException wrapped -> why(Objects.requireNonNull(wrapped.getCause()));
      default -> String.valueOf(e.getMessage());
    };
  }

  private static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"lastwords " + (version == null ? "(not packaged)" : version)};
    }
  }
}
