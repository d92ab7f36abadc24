package lastwords.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `analyze`: finds crashes in logs.
@Command(name = "analyze", description = "Finds crashes in logs.")
final class AnalyzeCommand implements Callable<Integer> {
  private final Terminal terminal;

  AnalyzeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    throw new Failure("not there yet" + terminal.colors());
  }
}
