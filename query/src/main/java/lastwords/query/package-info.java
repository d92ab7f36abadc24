/// Asks: the query language, and every search that people and robots make, over
/// [lastwords.store.Index] and [lastwords.store.Ledger].
///
/// [lastwords.query.Query] takes a query apart; [lastwords.query.Searches] answers, in pages.
@org.jspecify.annotations.NullMarked
package lastwords.query;
