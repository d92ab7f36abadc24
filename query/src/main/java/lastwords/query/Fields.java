package lastwords.query;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import lastwords.kernel.Signature;
import lastwords.store.BadQueryException;
import lastwords.store.Filter;
import lastwords.store.Numbers;
import lastwords.store.Words;
import org.jspecify.annotations.Nullable;

/// What can be asked about: the names of the fields, and which one is meant where none is named.
final class Fields {
  /// Any other name is a key of a message's userdata.
  static final Fields MESSAGES =
      new Fields(
          Set.of("text"),
          Numbers.ofMessages(),
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
          Numbers.ofCrashes(),
          List.of(
              "title",
              "kind",
              "category",
              "severity",
              "signature",
              "state",
              "host",
              "host_source",
              "claimed_host",
              "address",
              "release",
              "function",
              "guilty",
              "module",
              "comm",
              "tainted",
              "panicked",
              "suppressed",
              "hardware",
              "report",
              "id"));

  /// A host without another name goes by its address.
  private static final Set<String> ADDRESSES = Set.of("address", "host");

  /// What people decided about a crash's signature; known to the ledger, not to the index.
  static final String STATE = "state";

  final String byDefault;
  private final Set<String> fullTexts;
  private final Map<String, Numbers> numbers;
  private final List<String> names;

  /// @param names the first of them is meant where none is named
  private Fields(Set<String> fullTexts, Map<String, Numbers> numbers, List<String> names) {
    this.byDefault = names.getFirst();
    this.fullTexts = fullTexts;
    this.numbers = numbers;
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

  /// Refuses what the field can't be asked for, while its place in the query is still known; else
  /// returns the filter, with addresses in the form in which they are kept.
  Filter checked(Filter filter, int at) {
    switch (filter) {
      case Filter.Term(String field, String value) when ADDRESSES.contains(field) -> {
        return new Filter.Term(field, AddressText.asKept(value));
      }
      case Filter.Phrase(String field, String value) when ADDRESSES.contains(field) -> {
        return new Filter.Phrase(field, AddressText.asKept(value));
      }
      case Filter.Term(String field, String value) -> check(field, value, at);
      case Filter.Phrase(String field, String value) -> check(field, value, at);
      case Filter.Prefix(String field, _) -> checkPattern(field, at);
      case Filter.Wildcard(String field, _) -> checkPattern(field, at);
      case Filter.Regex(String field, _) -> checkPattern(field, at);
      case Filter.Range range -> {
        checkNotState(range.field(), at);
        checkNumber(range.field(), range.from(), at);
        checkNumber(range.field(), range.to(), at);
      }
      case Filter.All _, Filter.And _, Filter.Or _, Filter.Not _, Filter.In _, Filter.Exists _ -> {}
    }
    return filter;
  }

  private void check(String field, String value, int at) {
    if (fullTexts.contains(field) && Words.of(value).isEmpty()) {
      throw new BadQueryException(
          at, "'" + value + "' has no word to search for; words are letters, digits and _");
    }
    checkNumber(field, value, at);
    if (isState(field) && !states().contains(Words.lower(value))) {
      throw badState(at);
    }
  }

  private void checkNumber(String field, @Nullable String value, int at) {
    Numbers number = numbers.get(field);
    if (number != null && value != null) {
      number.number(value, at);
    }
  }

  private void checkPattern(String field, int at) {
    checkNotState(field, at);
    if (numbers.containsKey(field)) {
      throw new BadQueryException(
          at, field + " is a number: ask for a value or a range like [0 TO 3]");
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
