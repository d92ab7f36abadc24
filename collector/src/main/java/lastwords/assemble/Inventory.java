package lastwords.assemble;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
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

  /// @throws IllegalArgumentException when the file isn't an inventory; names file, entry and what
  ///   is wrong
  public static Inventory read(Path file) {
    try {
      String text = Files.readString(file);
      return new Inventory(file.toString().endsWith(".csv") ? csv(file, text) : yaml(file, text));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + ": " + e.getOriginalMessage() + at(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(file + " can't be read: " + e, e));
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
    CsvMapper mapper = CsvMapper.builder().enable(CsvParser.Feature.TRIM_SPACES).build();
    List<Entry> entries = new ArrayList<>();
    try (MappingIterator<Map<String, String>> rows =
        mapper
            .readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(text)) {
      while (rows.hasNextValue()) {
        Map<String, String> row = new LinkedHashMap<>(rows.nextValue());
        String where = file + ": row " + (entries.size() + 1);
        String address = row.remove("address");
        String host = row.remove("host");
        row.values().removeIf(String::isBlank);
        entries.add(entry(where, address, host, row));
      }
    }
    return entries;
  }

  private static List<Entry> yaml(Path file, String text) throws IOException {
    List<Entry> entries = new ArrayList<>();
    JsonNode list = new YAMLMapper().readTree(text);
    if (!list.isArray()) {
      throw new IllegalArgumentException(file + ": not a list of entries with address and host");
    }
    for (JsonNode node : list) {
      String where = file + ": entry " + (entries.size() + 1);
      Map<String, String> labels = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        switch (field.getKey()) {
          case "address", "host" -> {}
          case "labels" -> {
            for (Map.Entry<String, JsonNode> label : field.getValue().properties()) {
              labels.put(label.getKey(), label.getValue().asText());
            }
          }
          default ->
              throw new IllegalArgumentException(
                  where
                      + ": unknown key "
                      + field.getKey()
                      + "; allowed are address, host, labels");
        }
      }
      entries.add(
          entry(where, node.path("address").asText(""), node.path("host").asText(""), labels));
    }
    return entries;
  }

  private static Entry entry(
      String where, @Nullable String address, @Nullable String host, Map<String, String> labels) {
    if (address == null || address.isBlank()) {
      throw new IllegalArgumentException(where + ": no address");
    }
    try {
      return new Entry(
          Cidr.parse(address), host == null || host.isBlank() ? null : host, Map.copyOf(labels));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
  }
}
