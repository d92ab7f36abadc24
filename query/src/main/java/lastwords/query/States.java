package lastwords.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import lastwords.kernel.Signature;
import lastwords.store.Filter;
import lastwords.store.Ledger;

/// Turns what a query says of states, which only the ledger knows, into what the index can answer:
/// signatures.
final class States {
  private final Ledger ledger;

  States(Ledger ledger) {
    this.ledger = ledger;
  }

  Filter asSignatures(Filter filter) {
    return switch (filter) {
      case Filter.And(List<Filter> filters) -> new Filter.And(all(filters));
      case Filter.Or(List<Filter> filters) -> new Filter.Or(all(filters));
      case Filter.Not(Filter inner) -> new Filter.Not(asSignatures(inner));
      case Filter.Term(String field, String value) when field.equals(Fields.STATE) -> in(value);
      case Filter.Phrase(String field, String value) when field.equals(Fields.STATE) -> in(value);
      case Filter.Exists(String field) when field.equals(Fields.STATE) -> Filter.ALL;
      case Filter.All _,
          Filter.Term _,
          Filter.Phrase _,
          Filter.Prefix _,
          Filter.Wildcard _,
          Filter.Regex _,
          Filter.Range _,
          Filter.In _,
          Filter.Exists _ ->
          filter;
    };
  }

  private List<Filter> all(List<Filter> filters) {
    return filters.stream().map(this::asSignatures).toList();
  }

  /// Open is what people put in no other state, also what the ledger has not heard of yet.
  private Filter in(String value) {
    Signature.State state = Signature.State.valueOf(value.toUpperCase(Locale.ROOT));
    if (state != Signature.State.OPEN) {
      return new Filter.In("signature", ledger.signaturesIn(state));
    }
    List<String> decided = new ArrayList<>();
    for (Signature.State other : Signature.State.values()) {
      if (other != Signature.State.OPEN) {
        decided.addAll(ledger.signaturesIn(other));
      }
    }
    return new Filter.Not(new Filter.In("signature", decided));
  }
}
