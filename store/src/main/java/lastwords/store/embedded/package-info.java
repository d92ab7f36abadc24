/// The stores of one machine: Chronicle Queue for the log, Lucene for the index, SQLite for the
/// ledger.
@org.jspecify.annotations.NullMarked
package lastwords.store.embedded;
