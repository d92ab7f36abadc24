package lastwords.app;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `completion`: what a shell needs to complete commands and options.
@Command(
    name = "completion",
    description = "Prints what bash and zsh need to complete commands and options.",
    footer = {"", "In ~/.bashrc or ~/.zshrc:", "  source <(lastwords completion)"})
final class CompletionCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Spec private @Nullable CommandSpec spec;

  CompletionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    CommandSpec root = Objects.requireNonNull(spec).root();
    terminal.out().println(AutoComplete.bash(root.name(), root.commandLine()));
    return Main.DONE;
  }
}
