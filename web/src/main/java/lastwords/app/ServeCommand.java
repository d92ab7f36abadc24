package lastwords.app;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/// `serve`: runs a server until it is told to stop.
@Command(
    name = "serve",
    description = "Receives, keeps, analyzes and shows what kernels send: everything in one process, or the named roles alone.",
    footer = {
      "",
      "A configuration file is YAML; each key has the name of the option, and hooks stand there too:",
      "",
      "  data: /var/lib/lastwords",
      "  udp: ['[::]:6666']",
      "  hooks:",
      "    - {name: oncall, type: webhook, url: 'https://hooks.example/kernel', secret: s3cret}",
      "",
      "Options win over the file. SIGTERM and Ctrl-C stop cleanly.",
    })
final class ServeCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final Map<ConfigKey, List<String>> options = new EnumMap<>(ConfigKey.class);

  @Option(names = "--config", paramLabel = "FILE", description = "the configuration file")
  private @Nullable Path file;

  private ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /// The command with an option for each key of the configuration.
  static CommandLine commandLine(Terminal terminal) {
    ServeCommand command = new ServeCommand(terminal);
    CommandLine line = new CommandLine(command);
    for (ConfigKey key : ConfigKey.values()) {
      if (key != ConfigKey.HOOKS) {
        line.getCommandSpec().addOption(command.option(key));
      }
    }
    return line;
  }

  private OptionSpec option(ConfigKey key) {
    OptionSpec.Builder option =
        OptionSpec.builder("--" + key.text()).description(key.help());
    if (key.label() == null) {
      return option
          .type(boolean.class)
          .negatable(true)
          .setter(value -> keep(key, value == null ? null : List.of(value.toString())))
          .build();
    }
    return option
        .type(List.class)
        .auxiliaryTypes(String.class)
        .arity("1")
        .paramLabel(key.label())
        .getter(() -> options.get(key))
        .setter(value -> keep(key, (List<?>) value))
        .build();
  }

  private @Nullable Object keep(ConfigKey key, @Nullable List<?> values) {
    if (values == null) {
      return options.remove(key);
    }
    return options.put(key, values.stream().map(String::valueOf).toList());
  }

  @Override
  public Integer call() {
    Config config = ConfigReader.read(file, options);
    Server server = Server.start(config, terminal.out());
    Shutdown.closes(server, terminal);
    server.awaitClose();
    return Main.DONE;
  }
}
