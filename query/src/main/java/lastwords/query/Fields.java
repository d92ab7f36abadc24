package lastwords.query;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import lastwords.kernel.Signature;
import lastwords.store.BadQueryException;
import lastwords.store.Filter;
import lastwords.store.Words;

/// What can be asked about: the names of the fields, and which one is meant where none is named.
final class Fields {
  /// Any other name is a key of a message's userdata.
  static final Fields MESSAGES =
      new Fields(
          Set.of("text"),
          List.of(
              "text",
              "host",
              "address",
              "boot",
              "severity",
              "facility",
              "release",
              "cpu",
              "task",
              "caller"));

  /// Of crashes, and of signatures by their crashes.
  static final Fields CRASHES =
      new Fields(
          Set.of("title", "report", "hardware"),
          List.of(
              "title",
              "kind",
              "category",
              "severity",
              "signature",
              "state",
              "host",
              "release",
              "function",
              "guilty",
              "module",
              "comm",
              "tainted",
              "hardware",
              "report",
              "id"));

  /// What people decided about a crash's signature; known to the ledger, not to the index.
  static final String STATE = "state";

  final String byDefault;
  private final Set<String> fullTexts;
  private final List<String> names;

  /// @param names the first of them is meant where none is named
  private Fields(Set<String> fullTexts, List<String> names) {
    this.byDefault = names.getFirst();
    this.fullTexts = fullTexts;
    this.names = names;
  }

  /// The field of that name, in whatever case it was written.
  ///
  /// @throws BadQueryException when there is none
  String named(String name, int at) {
    String field = Words.lower(name);
    if (this == CRASHES && !names.contains(field)) {
      throw new BadQueryException(
          at,
          "crashes have no field '"
              + name
              + "'; they have "
              + String.join(", ", names)
              + "; text with a colon goes in quotes");
    }
    return field;
  }

  /// Refuses what the field can't be asked for, while its place in the query is still known.
  Filter checked(Filter filter, int at) {
    switch (filter) {
      case Filter.Term(String field, String value) -> check(field, value, at);
      case Filter.Phrase(String field, String value) -> check(field, value, at);
      case Filter.Prefix(String field, _) -> checkNotState(field, at);
      case Filter.Wildcard(String field, _) -> checkNotState(field, at);
      case Filter.Regex(String field, _) -> checkNotState(field, at);
      case Filter.Range range -> checkNotState(range.field(), at);
      case Filter.All _, Filter.And _, Filter.Or _, Filter.Not _, Filter.In _, Filter.Exists _ -> {}
    }
    return filter;
  }

  private void check(String field, String value, int at) {
    if (fullTexts.contains(field) && Words.of(value).isEmpty()) {
      throw new BadQueryException(
          at, "'" + value + "' has no word to search for; words are letters, digits and _");
    }
    if (isState(field) && !states().contains(Words.lower(value))) {
      throw badState(at);
    }
  }

  private void checkNotState(String field, int at) {
    if (isState(field)) {
      throw badState(at);
    }
  }

  private boolean isState(String field) {
    return this == CRASHES && field.equals(STATE);
  }

  private static BadQueryException badState(int at) {
    return new BadQueryException(at, "state is one of " + String.join(", ", states()));
  }

  private static List<String> states() {
    return Arrays.stream(Signature.State.values())
        .map(Signature.State::toString)
        .collect(Collectors.toList());
  }
}
