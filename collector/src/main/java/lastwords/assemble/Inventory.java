package lastwords.assemble;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import lastwords.kernel.Cidr;
import org.jspecify.annotations.Nullable;

/// Who has which address, from a file that people keep.
///
/// CSV: the first line names the columns, `address` and `host`, every other column is a label.
/// YAML: a list of entries with `address`, `host`, and `labels`. An address is one address or a
/// network (`10.1.0.0/16`); of several that hold an address the longest prefix wins. `host` may be
/// missing: then only the labels count. Immutable.
///
/// ```yaml
/// - {address: 10.1.2.3, host: db0042, labels: {rack: r12}}
/// - {address: 10.1.0.0/16, labels: {site: ams3}}
/// ```
public final class Inventory {
  public static final Inventory EMPTY = new Inventory(List.of());

  /// @param host null where the entry only labels
  record Entry(Cidr network, @Nullable String host, Map<String, String> labels) {}

  private final Map<InetAddress, Entry> single = new LinkedHashMap<>();
  private final List<Entry> networks = new ArrayList<>();

  /// In lower case.
  private final Set<String> names = new HashSet<>();

  private Inventory(List<Entry> entries) {
    for (Entry entry : entries) {
      if (entry.host() != null) {
        names.add(entry.host().toLowerCase(Locale.ROOT));
      }
      if (entry.network().isSingle()) {
        single.put(entry.network().first(), entry);
      } else {
        networks.add(entry);
      }
    }
    networks.sort(
        (a, b) -> Integer.compare(b.network().prefixLength(), a.network().prefixLength()));
  }

  /// Reads a file.
  ///
  /// @throws IllegalArgumentException when the file isn't an inventory; names file, line and what
  ///   is wrong
  public static Inventory read(Path file) {
    try {
      return parse(file, Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(file + " can't be read: " + e, e));
    }
  }

  /// The same from the text of a file that was read already.
  ///
  /// @param file whose name decides the format and begins every error
  public static Inventory parse(Path file, String text) {
    try {
      return new Inventory(file.toString().endsWith(".csv") ? csv(file, text) : yaml(file, text));
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? file + "" : where(file, e.getLocation());
      throw new IllegalArgumentException(where + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // text in memory
    }
  }

  /// What the file says of an address, null when nothing.
  @Nullable Entry find(InetAddress address) {
    Entry entry = single.get(address);
    if (entry != null) {
      return entry;
    }
    for (Entry network : networks) {
      if (network.network().contains(address)) {
        return network;
      }
    }
    return null;
  }

  /// Whether any address has the name.
  ///
  /// @param name in lower case
  boolean hasName(String name) {
    return names.contains(name);
  }

  private static List<Entry> csv(Path file, String text) throws IOException {
    CsvMapper mapper =
        CsvMapper.builder()
            .enable(CsvParser.Feature.TRIM_SPACES, CsvParser.Feature.SKIP_EMPTY_LINES)
            .build();
    List<Entry> entries = new ArrayList<>();
    try (JsonParser csv = mapper.reader(CsvSchema.emptySchema().withHeader()).createParser(text)) {
      while (csv.nextToken() != null) {
        entries.add(entry(file, csv, true));
      }
    }
    return entries;
  }

  private static List<Entry> yaml(Path file, String text) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (JsonParser yaml = new YAMLMapper().createParser(text)) {
      if (yaml.nextToken() != JsonToken.START_ARRAY) {
        throw new IllegalArgumentException(file + ": not a list of entries with address and host");
      }
      while (yaml.nextToken() != JsonToken.END_ARRAY) {
        entries.add(entry(file, yaml, false));
      }
    }
    return entries;
  }

  /// Reads one entry, whose first token is the current one.
  ///
  /// @param columns whether each key but address and host is a label
  private static Entry entry(Path file, JsonParser from, boolean columns) throws IOException {
    String where = where(file, from);
    if (from.currentToken() != JsonToken.START_OBJECT) {
      from.skipChildren(); // an error of the syntax goes first
      throw new IllegalArgumentException(where + ": not an entry with address and host");
    }
    String address = null;
    String host = null;
    Map<String, String> labels = new LinkedHashMap<>();
    while (from.nextToken() == JsonToken.FIELD_NAME) {
      String key = from.currentName();
      String line = where(file, from);
      from.nextToken();
      JsonNode value = from.readValueAsTree();
      if (key.equals("address")) {
        address = value.asText();
      } else if (key.equals("host")) {
        host = value.asText("");
      } else if (columns && !value.asText().isBlank()) {
        labels.put(key, value.asText());
      } else if (!columns && key.equals("labels")) {
        value.properties().forEach(it -> labels.put(it.getKey(), it.getValue().asText()));
      } else if (!columns) {
        throw new IllegalArgumentException(
            line + ": unknown key " + key + "; allowed are address, host, labels");
      }
      // A row of CSV begins, to its parser, on the line before.
      where = key.equals("address") || (columns && address == null) ? line : where;
    }
    return entry(where, address, host, labels);
  }

  private static Entry entry(
      String where, @Nullable String address, @Nullable String host, Map<String, String> labels) {
    if (address == null || address.isBlank()) {
      throw new IllegalArgumentException(
          where + ": no address; each entry has one, such as 10.1.2.3 or 10.1.0.0/16");
    }
    try {
      return new Entry(
          Cidr.parse(address), host == null || host.isBlank() ? null : host, Map.copyOf(labels));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  private static String where(Path file, JsonParser at) {
    return where(file, at.currentTokenLocation());
  }

  private static String where(Path file, JsonLocation at) {
    return file + ", line " + at.getLineNr();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Inventory that
        && single.equals(that.single)
        && networks.equals(that.networks);
  }

  @Override
  public int hashCode() {
    return Objects.hash(single, networks);
  }
}
