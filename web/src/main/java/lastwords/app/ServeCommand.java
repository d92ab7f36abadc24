package lastwords.app;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import lastwords.linux.ServiceManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `serve`: runs a server until it is told to stop.
@Command(
    name = "serve",
    abbreviateSynopsis = true,
    description =
        "Receives, keeps, analyzes and shows what kernels send: everything in one process, or the"
            + " named roles alone.",
    footer = {
      "",
      "A configuration file is YAML; each key has the name of the option, and hooks stand there"
          + " too:",
      "",
      "  data: /var/lib/lastwords",
      "  udp: ['[::]:6666']",
      "  hooks:",
      "    - {name: oncall, type: alertmanager, url: 'http://127.0.0.1:9093'}",
      "",
      "Options win over the file. SIGTERM and Ctrl-C stop cleanly; SIGHUP reads the file again.",
    })
final class ServeCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--config", paramLabel = "FILE", description = "the configuration file")
  private @Nullable Path file;

  private ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /// The command with an option for each key of the configuration.
  static CommandLine commandLine(Terminal terminal) {
    CommandLine line = new CommandLine(new ServeCommand(terminal));
    for (ConfigKey key : ConfigKey.values()) {
      if (key != ConfigKey.HOOKS) {
        line.getCommandSpec().addOption(option(key));
      }
    }
    return line;
  }

  private static OptionSpec option(ConfigKey key) {
    OptionSpec.Builder option = OptionSpec.builder("--" + key.text()).description(key.help());
    if (key.label() == null) {
      return option.type(boolean.class).build();
    }
    Class<?> type = key.isList() ? List.class : String.class;
    return option
        .type(type)
        .auxiliaryTypes(String.class)
        .arity("1")
        .paramLabel(key.label())
        .build();
  }

  /// What was given, by key.
  private Map<ConfigKey, List<String>> options() {
    Map<ConfigKey, List<String>> options = new EnumMap<>(ConfigKey.class);
    for (OptionSpec given :
        Objects.requireNonNull(spec).commandLine().getParseResult().matchedOptions()) {
      ConfigKey key = ConfigKey.of(given.longestName().substring("--".length()));
      if (key != null) {
        options.put(key, key.label() == null ? List.of("true") : given.originalStringValues());
      }
    }
    return options;
  }

  @Override
  public Integer call() {
    Configuration configuration = Configuration.read(file, options(), InstantSource.system());
    Hangup.runs(configuration::reload);
    Server server = Server.start(configuration, terminal.out());
    Supervision supervision = Supervision.of(server, ServiceManager.of(System.getenv()));
    Shutdown.closes(
        () -> {
          supervision.close();
          server.close();
        },
        terminal);
    server.awaitClose();
    return Main.DONE;
  }
}
