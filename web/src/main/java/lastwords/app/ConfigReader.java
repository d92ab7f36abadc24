package lastwords.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastwords.alert.AlertSettings;
import org.jspecify.annotations.Nullable;

/// Reads a configuration: a YAML file, and options, which win over it.
///
/// A key of the file is an option's name, and the other way round; [ConfigKey] lists them. All that
/// is wrong is found before anything is started, and said at once.
final class ConfigReader {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private final ConfigFiles files;
  private final List<String> problems = new ArrayList<>();
  private final Map<String, Setting> settings = new LinkedHashMap<>();

  /// @param where what a problem with it begins with
  private record Setting(String where, List<JsonNode> values) {}

  private ConfigReader(ConfigFiles files) {
    this.files = files;
  }

  /// @param options by key, each with its values as they were given
  /// @throws Failure which says all that is wrong
  static Config read(@Nullable Path file, Map<ConfigKey, List<String>> options) {
    return read(file, options, ConfigFiles.first());
  }

  /// @param files reads the file and those that it names
  static Config read(@Nullable Path file, Map<ConfigKey, List<String>> options, ConfigFiles files) {
    ConfigReader reader = new ConfigReader(files);
    if (file != null) {
      reader.readFile(file);
    }
    options.forEach(
        (key, values) ->
            reader.settings.put(
                key.text(),
                new Setting("--" + key.text(), values.stream().map(ConfigReader::node).toList())));
    Config config = reader.config();
    if (!reader.problems.isEmpty()) {
      throw Failure.wrongUsage(String.join("\n", reader.problems));
    }
    return config;
  }

  private static JsonNode node(String text) {
    return YAML.getNodeFactory().textNode(text);
  }

  private void readFile(Path file) {
    try (YAMLParser yaml = (YAMLParser) YAML.createParser(files.text(file))) {
      JsonToken start = yaml.nextToken();
      if (start == null) {
        return;
      }
      if (start != JsonToken.START_OBJECT) {
        problems.add(
            file + ": keys and values should stand here, as in `data: /var/lib/lastwords`");
        return;
      }
      while (yaml.nextToken() == JsonToken.FIELD_NAME) {
        String key = yaml.currentName();
        String where = file + ", line " + yaml.currentTokenLocation().getLineNr() + ": " + key;
        yaml.nextToken();
        JsonNode value = yaml.readValueAsTree();
        List<JsonNode> values = new ArrayList<>();
        if (value.isArray()) {
          value.forEach(values::add);
        } else {
          values.add(value);
        }
        if (settings.put(key, new Setting(where, values)) != null) {
          problems.add(where + " stands here for the second time");
        }
      }
    } catch (JsonProcessingException e) {
      problems.add(
          file
              + ", line "
              + e.getLocation().getLineNr()
              + ": not readable as YAML: "
              + e.getOriginalMessage().lines().findFirst().orElse("")
              + " (an address such as '[::]:6666' stands in quotes)");
    } catch (IOException e) {
      problems.add("--config can't be read: " + Main.why(e));
    }
  }

  private Config config() {
    ConfigDraft draft = new ConfigDraft(files);
    settings.forEach(
        (name, setting) -> {
          ConfigKey key = ConfigKey.of(name);
          if (key == null) {
            problems.add(setting.where() + " is no key; there are " + ConfigKey.all());
            return;
          }
          try {
            draft.set(key, setting.values());
          } catch (IllegalArgumentException e) {
            problems.add(setting.where() + " is " + shown(key, setting) + ": " + e.getMessage());
          }
        });
    Config config = draft.config();
    if (config.canary() != null && !config.roles().contains(Config.Role.WEB)) {
      problems.add("canary needs the role web, which knows what a search finds");
    }
    try {
      config.live().alerts(AlertSettings.DEFAULT.publicUrl());
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
    }
    String open = config.live().problemAt(config.http());
    if (open != null) {
      problems.add(open);
    }
    return config;
  }

  /// The value as it was given; never a secret.
  private static String shown(ConfigKey key, Setting setting) {
    if (key == ConfigKey.TOKEN || key == ConfigKey.HOOKS) {
      return "not as it should be";
    }
    List<String> texts =
        setting.values().stream().map(v -> v.isTextual() ? v.asText() : v.toString()).toList();
    return "'" + String.join(", ", texts) + "'";
  }
}
